import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { isSlow } from './test/slow_files.js';
import { LongestFirst, OWN, SHARED } from './test/test_order.js';
import { threadPrograms } from './test/thread_programs.js';

/** What was installed for devices brings tests of its own. */
const INSTALLED = ['**/node_modules/**', 'test/devices/.cache/**'];

/** Emulators and software drivers keep every processor busy by themselves, and stand still for long where they share one. */
const devices = process.env.LOWFORMER_TEST_DEVICES !== undefined;

/** What every project has alike. The programs of threads are built once, so that is not among it. */
const common = {
  plugins: [threadPrograms()],
  test: {
    setupFiles: './test/equal_bytes.ts',
    testTimeout: devices ? 180_000 : 60_000,
    // What a file of tests packs, trains or draws first is work as well.
    hookTimeout: devices ? 180_000 : 60_000,
    // The tests that use the runtime directly: it would report its use otherwise.
    env: { ORT_DISABLE_TELEMETRY: '1' },
  },
};

/** Files that have a process each, and those that share one. */
function projects(name: string, own: readonly string[], shared: readonly string[]) {
  return [
    { ...common, test: { ...common.test, name, include: [...own], exclude: INSTALLED } },
    {
      ...common,
      test: {
        ...common.test,
        name: `${name}, shared process`,
        include: [...shared],
        exclude: INSTALLED,
        isolate: false,
      },
    },
  ];
}

export default defineConfig({
  test: {
    globalSetup: './test/thread_programs.ts',
    // The second names what was skipped, and why; the third what `npm test` leaves out.
    reporters: ['default', './test/skipped_reporter.ts', './test/slow_reporter.ts'],
    // By default one processor stays idle: half of them, where there are two. There a third worker has what the others leave while
    // they wait: for a process to start, for a server's answer.
    maxWorkers: devices ? 1 : Math.max(3, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    projects: [
      ...projects(
        'fast',
        OWN.filter((file) => !isSlow(file)),
        SHARED.filter((file) => !isSlow(file)),
      ),
      ...projects('slow', OWN.filter(isSlow), SHARED.filter(isSlow)),
    ],
  },
});
