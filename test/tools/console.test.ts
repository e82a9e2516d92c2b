import { afterEach, expect, test, vi } from 'vitest';
import { type ErrorCode, LowformerError } from '../../core/errors.js';
import { reportError } from '../../tools/console.js';

afterEach(() => vi.restoreAllMocks());

test.each<[ErrorCode, number]>([
  ['out-of-memory', 2],
  ['unavailable-device', 2],
  ['missing-package', 2],
  ['too-many-calls', 2],
  ['invalid-argument', 2],
  ['engine-failure', 1],
])('%s is said in one line, and ends the command with %d', (code, exit) => {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const error = new LowformerError({
    code,
    where: 'cuda',
    expected: 'memory for a network',
    hint: 'Try a smaller batch',
  });
  expect(reportError(error)).toBe(exit);
  expect(written).toEqual(['lowformer: cuda: expected memory for a network. Try a smaller batch\n']);
});
