/** What `npm run check` and `npm test` are made of. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../workspace.js';

const sideBySide = (...commands: readonly string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'tools/side_by_side.js'), ...commands], { encoding: 'utf8' });

/** Writes both parts, the second after a while, so that those of two commands would mix. */
const parts = (name: string, wait: number) =>
  `node -e "console.log('${name} 1'); setTimeout(() => console.error('${name} 2'), ${wait})"`;

test('what each writes stays together', () => {
  const { status, stdout, stderr } = sideBySide(parts('a', 300), parts('b', 300));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(['a 1\na 2\nb 1\nb 2\n', 'b 1\nb 2\na 1\na 2\n']).toContain(stdout);
});

test('one writes as it goes, and what is beside it writes after it, where it failed', () => {
  const good = sideBySide(parts('a', 1), '--', parts('b', 300));
  expect(good).toMatchObject({ status: 0, stdout: 'b 1\n', stderr: 'b 2\n' });
  const bad = sideBySide(`${parts('a', 1)} && exit 3`, parts('c', 1), '--', parts('b', 300));
  expect(bad).toMatchObject({ status: 1, stdout: 'b 1\na 1\na 2\n' });
  expect(bad.stderr).toMatch(/^b 2\nFailed: node .* && exit 3 \(exit code 3\)\n$/);
  expect(sideBySide(parts('a', 1), '--', 'exit 4')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: 'Failed: exit 4 (exit code 4)\n',
  });
});

test('the one that writes as it goes takes the arguments that follow', () => {
  const { stdout } = sideBySide(parts('a', 1), '--', `node -p "process.argv.slice(1).join('|')"`, 'b c', 'd');
  expect(stdout).toBe('b c|d\n');
});

test('those that fail are named, and the others run to their end', () => {
  const { status, stdout, stderr } = sideBySide('exit 3', parts('a', 100), 'no-such-command-here');
  expect(status).toBe(1);
  expect(stdout).toContain('a 1\na 2\n');
  expect(stderr).toMatch(/^Failed: exit 3 \(exit code 3\), no-such-command-here \(exit code \d+\)\n$/);
});
