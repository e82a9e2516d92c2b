/**
 * What was taken although it is not quite as its format says: said once for each kind, with a count, wherever the
 * figures go (stderr, JSON, report), so that nobody wonders later. What would change a number unseen is no note but an
 * error.
 */
import { LowformerError } from './errors.js';

/** One kind of oddity in one file or folder. */
export interface Note {
  /** Stable, for programs: `text-number`, `orphan-annotation`. */
  readonly kind: string;
  /** The file, folder or picture. */
  readonly where: string;
  /** A sentence that holds for each of them: `Numbers are written as text, and read as numbers`. */
  readonly message: string;
  readonly count: number;
  /** Where the first few are: `annotations[3].bbox[0]`. */
  readonly examples: readonly string[];
}

/** Collects notes while something is read. */
export interface Notes {
  /**
   * `times` more of its kind; `example` says where, and is kept for the first few. Of the messages the last counts, so
   * that figures can be added when they are known.
   */
  add(note: Omit<Note, 'count' | 'examples'>, example?: string, times?: number): void;
  /** What was noted so far, in order of first appearance. */
  list(): readonly Note[];
}

const EXAMPLES = 3;

/** An empty collection. */
export function collectNotes(): Notes {
  const found = new Map<string, { note: Omit<Note, 'count' | 'examples'>; count: number; examples: string[] }>();
  return {
    add(note, example, times = 1) {
      const key = `${note.kind}\n${note.where}`;
      const known = found.get(key) ?? { note, count: 0, examples: [] };
      found.set(key, known);
      known.note = note;
      known.count += times;
      if (example !== undefined && known.examples.length < EXAMPLES) known.examples.push(example);
    },
    list: () => [...found.values()].map(({ note, count, examples }) => ({ ...note, count, examples })),
  };
}

/** `gt.json: Numbers are written as text, and read as numbers (12: annotations[0].bbox[0], …)`. */
export function noteText({ where, message, count, examples }: Note): string {
  const more = count > examples.length ? ', …' : '';
  const places = examples.length === 0 ? '' : `: ${examples.join(', ')}${more}`;
  return `${where}: ${message} (${count}${places})`;
}

/**
 * For `--strict`, which takes nothing that is not as it should be.
 * @throws {LowformerError} `invalid-argument` naming every note, where there is one.
 */
export function refuseNotes(notes: readonly Note[]): void {
  const [first] = notes;
  if (first === undefined) return;
  const hint = `Noted:${notes.map((note) => `\n  ${noteText(note)}`).join('')}\nWithout --strict they are taken as said.`;
  throw new LowformerError({
    code: 'invalid-argument',
    where: first.where,
    expected: 'data without a note (--strict)',
    received: notes.length,
    hint,
  });
}
