/** The end of a run: which tests were skipped, by what they need. */
import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';
import './needs.js';

/** Tests by file, files by reason. */
export type Skipped = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

const UNNAMED = 'no reason given (test/needs.ts)';

export default class SkippedReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#vitest === undefined) return;
    const { root, testNamePattern } = this.#vitest.config;
    const skipped = new Map<string, Map<string, string[]>>();
    for (const module of modules) {
      const file = relative(root, module.moduleId).replaceAll('\\', '/');
      for (const test of module.children.allTests('skipped')) {
        const reason = reasonOf(test);
        // With -t, all tests of other names count as skipped.
        if (reason === undefined && testNamePattern !== undefined) continue;
        const files = mapIn(skipped, reason ?? UNNAMED);
        files.set(file, [...(files.get(file) ?? []), test.fullName]);
      }
    }
    if (skipped.size > 0) this.#vitest.logger.log(describeSkipped(skipped));
  }
}

/** What stands beside the test or a suite around it, else the note of a test that skipped itself. */
function reasonOf(test: TestCase): string | undefined {
  for (let task: TestCase | TestCase['parent'] = test; task.type !== 'module'; task = task.parent) {
    const { needs } = task.meta();
    if (needs !== undefined) return needs;
  }
  const result = test.result();
  if (result.state === 'skipped' && result.note !== undefined) return result.note;
  return test.options.mode === 'todo' ? 'still to be written' : undefined;
}

function mapIn(maps: Map<string, Map<string, string[]>>, key: string): Map<string, string[]> {
  const map = maps.get(key) ?? new Map<string, string[]>();
  maps.set(key, map);
  return map;
}

/** `Skipped 3 tests, which need` and under each need its files and tests. */
export function describeSkipped(skipped: Skipped): string {
  const lines: string[] = [];
  let total = 0;
  for (const [reason, files] of [...skipped].toSorted(([a], [b]) => a.localeCompare(b, 'en'))) {
    const count = [...files.values()].reduce((sum, names) => sum + names.length, 0);
    total += count;
    lines.push('', `  ${reason}: ${count}`);
    for (const [file, names] of files) lines.push(`    ${file}`, ...names.map((name) => `      ${name}`));
  }
  return [`Skipped ${total} ${total === 1 ? 'test' : 'tests'}, by what they need:`, ...lines, ''].join('\n');
}
