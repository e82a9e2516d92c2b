/** The last line of a run that left the slow files out. */
import type { Reporter, Vitest } from 'vitest/node';
import { isSlow } from './slow_files.js';
import { FILES } from './test_order.js';

export default class SlowReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(): void {
    if (this.#vitest === undefined) return;
    const { projects, logger } = this.#vitest;
    if (projects.some(({ name }) => name.startsWith('slow'))) return;
    logger.log(`${describeLeftOut(FILES.filter(isSlow))}\n`);
  }
}

/** How many slow files of which folders were not run, and what runs them. @param files from the root of the project. */
export function describeLeftOut(files: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const file of files) {
    const [, folder = ''] = /^test\/([^/]+)\//.exec(file) ?? ['', 'others'];
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const folders = [...counts].map(([folder, count]) => `${folder} ${count}`).join(', ');
  return `Left out: ${files.length} slow files of tests (${folders}), listed in test/slow_files.ts. npm run test:slow runs them.`;
}
