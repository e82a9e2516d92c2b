/** What went wrong, for programs: stable names, one for each kind of mistake that a caller can tell apart. */
export type ErrorCode =
  | 'invalid-argument'
  | 'invalid-config'
  | 'invalid-graph'
  | 'unreadable-file'
  | 'unwritable-file'
  | 'unreadable-image'
  | 'unreadable-checkpoint'
  | 'checkpoint-mismatch'
  | 'missing-package'
  | 'unavailable-device'
  | 'disposed'
  | 'too-many-calls'
  | 'out-of-memory'
  | 'engine-failure';

export interface ErrorParts {
  readonly code: ErrorCode;
  /** The place: a config path (`model.neck.num_outs`), a file, a function. */
  readonly where: string;
  readonly expected: string;
  readonly received?: unknown;
  /** The way out, where there is one beyond giving what was expected. */
  readonly hint?: string;
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

  /** The same mistake, said from where the caller sees it. */
  at(where: string): LowformerError {
    return new LowformerError({ ...this.parts, where });
  }
}

function message({ where, expected, received, hint }: ErrorParts): string {
  const but = received === undefined ? '' : ` but received ${show(received)}`;
  return `${where}: expected ${expected}${but}${hint === undefined ? '' : `. ${hint}`}`;
}

/** A value as a person would write it, cut to a readable length. */
function show(value: unknown): string {
  // JSON knows no NaN and no infinity.
  const plain = typeof value === 'number' ? String(value) : JSON.stringify(value);
  const text = typeof value === 'string' ? `'${value}'` : (plain ?? String(value));
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}

/** The names of `known` closest to `given`, for a hint; undefined where none is near. */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(given.length / 3));
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
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
