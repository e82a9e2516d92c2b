import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The second names what was skipped, and why.
    reporters: ['default', './test/skipped_reporter.ts'],
    testTimeout: 60_000,
    // The tests that use the runtime directly: it would report its use otherwise.
    env: { ORT_DISABLE_TELEMETRY: '1' },
  },
});
