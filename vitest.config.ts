import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // The tests that use the runtime directly: it would report its use otherwise.
    env: { ORT_DISABLE_TELEMETRY: '1' },
  },
});
