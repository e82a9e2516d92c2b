import { cutEnd, cutMiddle, harmless, harmlessLines, shown } from './harmless.js';

/** What went wrong, for programs: stable names, one for each kind of mistake that a caller can tell apart. */
export type ErrorCode =
  | 'invalid-argument'
  | 'invalid-config'
  | 'invalid-graph'
  | 'unreadable-file'
  | 'unwritable-file'
  | 'failed-download'
  | 'unreadable-image'
  | 'unreadable-checkpoint'
  | 'checkpoint-mismatch'
  | 'checkpoint-values'
  | 'missing-package'
  | 'unavailable-device'
  | 'unavailable-address'
  | 'disposed'
  | 'too-many-calls'
  | 'out-of-memory'
  | 'lost-device'
  | 'engine-failure'
  | 'not-a-number';

export interface ErrorParts {
  readonly code: ErrorCode;
  /** The place: a config path (`model.neck.num_outs`), a file, a function. */
  readonly where: string;
  readonly expected: string;
  readonly received?: unknown;
  /** The way out, where there is one beyond giving what was expected. */
  readonly hint?: string;
  /** The hint for whoever sits at the command line, where options have other names than in the library. */
  readonly commandHint?: string;
  readonly cause?: unknown;
}

/**
 * A mistake in what was given to the toolkit: `where: expected X but received V. Hint.`
 * The command line prints its message alone and exits with 2; any other error is a fault of ours.
 */
export class LowformerError extends Error {
  override readonly name = 'LowformerError';
  readonly code: ErrorCode;
  /** The config path, file or function that the message opens with. */
  readonly path: string;
  readonly parts: ErrorParts;

  constructor(parts: ErrorParts) {
    super(message(parts), parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = parts.code;
    this.path = parts.where;
    this.parts = parts;
  }

  /** The message in the words of the command line. */
  get commandMessage(): string {
    const { commandHint } = this.parts;
    return commandHint === undefined ? this.message : message({ ...this.parts, hint: commandHint });
  }

  /** The same mistake, said from where the caller sees it. */
  at(where: string): LowformerError {
    return new LowformerError({ ...this.parts, where });
  }
}

/** Characters of each part of a message: of what is longer, that much is shown. */
const MOST = { where: 400, expected: 2000, hint: 6000 } as const;

function message({ where, expected, received, hint }: ErrorParts): string {
  const but = received === undefined ? '' : ` but received ${shown(received)}`;
  const wayOut = hint === undefined ? '' : `. ${cutEnd(harmlessLines(hint), MOST.hint)}`;
  const place = cutMiddle(harmless(where), MOST.where);
  return `${place}: expected ${cutEnd(harmlessLines(expected), MOST.expected)}${but}${wayOut}`;
}

/** Nobody misspells what is longer; comparing it would take time that grows with its square. */
const LONGEST_NAME = 200;

/** The names of `known` closest to `given`, for a hint; undefined where none is near. */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  if (given.length > LONGEST_NAME) return undefined;
  const limit = Math.max(2, Math.floor(given.length / 3));
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    // Lengths that differ by more than the limit cannot be nearer than it.
    if (Math.abs(name.length - given.length) > limit) continue;
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

/** Levenshtein distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitute));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
