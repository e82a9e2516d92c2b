/** What ffmpeg says on stderr: the first lines and how many there were, without what nobody can use. */
import { harmless } from '../core/harmless.js';
import { withoutSecrets } from './source.js';

export interface Complaints {
  push(text: string): void;
  /** The first few, in order. */
  readonly lines: readonly string[];
  readonly count: number;
}

const KEPT = 4;
const LONGEST = 300;

/** None yet. */
export function collectComplaints(): Complaints {
  const lines: string[] = [];
  let count = 0;
  let rest = '';
  const add = (line: string) => {
    const text = readable(line);
    if (text === '') return;
    count++;
    // A decoder says the same of every frame.
    if (lines.length < KEPT && !lines.includes(text)) lines.push(text);
  };
  return {
    push(text) {
      const all = (rest + text).split(/\r?\n|\r/);
      rest = (all.pop() ?? '').slice(0, 4 * LONGEST);
      for (const line of all) add(line);
    },
    get lines() {
      return rest === '' ? lines : [...lines, readable(rest)];
    },
    get count() {
      return count + (rest === '' ? 0 : 1);
    },
  };
}

/** `[h264 @ 0x55c5] error` as `h264: error`; addresses lose their passwords. */
function readable(line: string): string {
  const plain = line
    .trim()
    .replace(/^\[([^\]@]+) @ 0x[0-9a-f]+\] /, '$1: ')
    .replace(/[a-z][a-z\d+.-]*:\/\/\S+/gi, withoutSecrets);
  return harmless(plain).slice(0, LONGEST);
}
