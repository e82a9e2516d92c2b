/**
 * `unfinished.js REPORT`: the files of tests that a run left something of, by its vitest report, one a line from the root of the
 * project: tests that it skipped, or whole files. `test` for all of them where there is no report.
 */
import { existsSync, readFileSync } from 'node:fs';

const [report = ''] = process.argv.slice(2);
const results = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : undefined;
const left = results?.filter(
  ({ assertionResults }) => assertionResults.length === 0 || assertionResults.some(({ status }) => status !== 'passed'),
);
const names = left?.map(({ name }) => name.slice(name.lastIndexOf('/test/') + 1)) ?? ['test'];
console.log(names.toSorted().join('\n'));
