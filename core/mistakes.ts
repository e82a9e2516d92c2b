/**
 * All mistakes of a file at once: whoever corrects it does not want to hear of them one a run. The first few are told
 * whole, the rest by kind with a count.
 */
import { type ErrorCode, LowformerError } from './errors.js';

/** Collects mistakes while something is read. */
export interface Mistakes {
  /**
   * Keeps a user's mistake; reading goes on behind it. False for any other error, which is the caller's to throw.
   * @param also a code that is kept besides `invalid-argument`: where one of many files is unreadable, the others are not.
   * @throws {LowformerError} once there are so many that no more are of use.
   */
  keep(error: unknown, also?: ErrorCode): boolean;
  /** @throws {LowformerError} what was kept, if anything; of one mistake, that mistake itself. */
  check(): void;
}

/** Told whole. */
const TOLD = 20;
/** Reading ends there. */
const MOST = 1000;
/** Kinds that are counted by themselves. */
const KINDS = 10;

/** An empty collection. */
export function collectMistakes(): Mistakes {
  const first: LowformerError[] = [];
  const kinds = new Map<string, number>();
  let count = 0;
  const told = (ended: boolean) => {
    const [only] = first;
    if (only === undefined || count === 1) return only;
    const lines = first.map(({ message }) => `\n  ${message}`);
    const others = count - first.length;
    const rest = others === 0 ? '' : `\n  and ${others} more. By kind: ${byKind(kinds)}`;
    const end = ended ? '\nNothing was read behind the last of them.' : '';
    const hint = only.parts.hint === undefined ? '' : `${only.parts.hint} `;
    return new LowformerError({
      ...only.parts,
      hint: `${hint}${count} mistakes in all:${lines.join('')}${rest}${end}`,
    });
  };
  return {
    keep(error, also) {
      if (!(error instanceof LowformerError)) return false;
      if (error.code !== 'invalid-argument' && error.code !== also) return false;
      count++;
      if (first.length < TOLD) first.push(error);
      const kind = kindOf(error);
      if (kinds.size < KINDS || kinds.has(kind)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (count === MOST) throw told(true);
      return true;
    },
    check() {
      const error = told(false);
      if (error !== undefined) throw error;
    },
  };
}

/** The place without its numbers: `annotations[…].bbox[…]`. */
function kindOf({ path }: LowformerError): string {
  const place = path.slice(path.lastIndexOf(': ') + 1).trim();
  return place.replace(/\d+/g, '…');
}

function byKind(kinds: ReadonlyMap<string, number>): string {
  return [...kinds].map(([kind, count]) => `${kind} (${count})`).join(', ');
}
