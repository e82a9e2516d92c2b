import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/test_order.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The second names what was skipped, and why.
    reporters: ['default', './test/skipped_reporter.ts'],
    // By default one processor stays idle: half of them, where there are two.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    // The tests that use the runtime directly: it would report its use otherwise.
    env: { ORT_DISABLE_TELEMETRY: '1' },
  },
});
