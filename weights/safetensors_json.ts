/** What JSON.parse does not say of a header: how deep it goes, how much it lists, and what it names twice. */
import { cutEnd } from '../core/harmless.js';
import { unreadable } from './byte_source.js';

/** The header, an entry, its shape. */
const mostLevels = 3;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const CLOSING: ReadonlySet<number> = new Set([0x7d, 0x5d]);
const SPACE = /[ \t\r\n]*/y;

/**
 * Passes over a header once, before it is parsed: text that is no JSON at all is left to JSON.parse.
 * @throws {LowformerError} `unreadable-checkpoint` for more than three levels, for more names than `mostNames` in one place, and for a
 * name that stands twice in one place, of which readers take one or the other.
 */
export function checkHeaderJson(path: string, text: string, mostNames: number): void {
  const names: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (OPENING.has(code)) {
      names.push(new Set());
      if (names.length > mostLevels) throw unreadable(path, `a header of at most ${mostLevels} levels`);
    } else if (CLOSING.has(code)) names.pop();
    if (code !== QUOTE) continue;
    const end = textEnd(text, at);
    SPACE.lastIndex = end;
    SPACE.test(text);
    if (text.charCodeAt(SPACE.lastIndex) === COLON) {
      const siblings = names.at(-1);
      declare(path, siblings, text.slice(at, end));
      if (siblings !== undefined && siblings.size > mostNames) {
        throw unreadable(path, `a header of at most ${mostNames} tensors, and as many names of metadata`);
      }
    }
    at = end - 1;
  }
}

function declare(path: string, names: Set<string> | undefined, quoted: string): void {
  const name = quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
  if (names?.has(name)) throw unreadable(path, 'a header that says each name once', { received: cutEnd(name, 100) });
  names?.add(name);
}

/** Behind the closing quote of the text that opens at `start`; the end where there is none. */
function textEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end + 1;
}

/** Whether an odd number of backslashes stands before a quote. */
function isEscaped(text: string, quote: number): boolean {
  let before = quote;
  while (text.charCodeAt(before - 1) === BACKSLASH) before--;
  return (quote - before) % 2 === 1;
}
