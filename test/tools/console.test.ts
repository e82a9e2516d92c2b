import { afterEach, describe, expect, test, vi } from 'vitest';
import { type ErrorCode, LowformerError } from '../../core/errors.js';
import { createConsole, reportError } from '../../tools/console.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('progress without a terminal', () => {
  /** A picture a second. */
  function linesOf(wanted: 'each' | 'some' | undefined, total: number): readonly string[] {
    const written: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    vi.useFakeTimers();
    const progress = createConsole(false).progress(total, 'pictures', wanted);
    for (let i = 1; i <= total; i++) {
      progress.done(`p${i}`);
      vi.advanceTimersByTime(1000);
    }
    progress.stop();
    return written;
  }

  test('is the first, one every five seconds, and the last', () => {
    expect(linesOf(undefined, 13)).toEqual(['[1/13] p1\n', '[6/13] p6\n', '[11/13] p11\n', '[13/13] p13\n']);
  });

  test('is a line for each where that says what came of it', () => {
    expect(linesOf('each', 3)).toEqual(['[1/3] p1\n', '[2/3] p2\n', '[3/3] p3\n']);
  });
});

test.each<[ErrorCode, number]>([
  ['out-of-memory', 2],
  ['lost-device', 2],
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
