/**
 * `summary.js STATUS REPORT…`: one line that counts the tests of several vitest reports. A test that stands in two of
 * them, skipped where it lacks something and run where it does not, counts once: as failed where it failed in any of them.
 * They may be of copies of the project in several folders.
 */
import { existsSync, readFileSync } from 'node:fs';

const [status, ...reports] = process.argv.slice(2);
const results = new Map();
for (const report of reports.filter((path) => existsSync(path))) {
  const seen = new Map();
  for (const { name: path, assertionResults } of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    // From the folder of the tests on: what stands before it is where the project lies.
    const file = path.slice(path.lastIndexOf('/test/') + 1);
    for (const { fullName, status: result } of assertionResults) {
      // Two tests of a file may share a name.
      const name = `${file} > ${fullName}`;
      const place = seen.get(name) ?? 0;
      seen.set(name, place + 1);
      const key = `${name} (${place})`;
      if (!results.has(key) || result === 'passed' || result === 'failed') {
        results.set(key, results.get(key) === 'failed' ? 'failed' : result);
      }
    }
  }
}
const count = (result) => [...results.values()].filter((value) => value === result).length;
const [passed, failed] = [count('passed'), count('failed')];
// A failed format, lint or type check ends a run before its first test, and a failed import fails no test: one failure.
const failures = Math.max(failed, Number(status) === 0 ? 0 : 1);
console.log(`${passed} passed, ${failures} failed, ${results.size - passed - failed} skipped`);
