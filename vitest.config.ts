import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst, SHARED } from './test/test_order.js';
import { threadPrograms } from './test/thread_programs.js';

/** What was installed for devices brings tests of its own. */
const INSTALLED = ['**/node_modules/**', 'test/devices/.cache/**'];

/** Emulators and software drivers keep every processor busy by themselves, and stand still for long where they share one. */
const devices = process.env.LOWFORMER_TEST_DEVICES !== undefined;

export default defineConfig({
  plugins: [threadPrograms()],
  test: {
    globalSetup: './test/thread_programs.ts',
    setupFiles: './test/equal_bytes.ts',
    // The second names what was skipped, and why.
    reporters: ['default', './test/skipped_reporter.ts'],
    // By default one processor stays idle: half of them, where there are two.
    maxWorkers: devices ? 1 : Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    testTimeout: devices ? 180_000 : 60_000,
    // What a file of tests packs, trains or draws first is work as well.
    hookTimeout: devices ? 180_000 : 60_000,
    // The tests that use the runtime directly: it would report its use otherwise.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    projects: [
      {
        extends: true,
        test: { name: 'own process', include: ['test/**/*.test.ts'], exclude: [...SHARED, ...INSTALLED] },
      },
      { extends: true, test: { name: 'shared process', include: [...SHARED], exclude: INSTALLED, isolate: false } },
    ],
  },
});
