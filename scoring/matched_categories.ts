/**
 * Which category of the ground truth a detection belongs to. A name (`category_name`) counts for more than an id: formats
 * without ids of their own count them, and not everybody counts alike.
 */
import { LowformerError } from '../core/errors.js';
import type { Notes } from '../core/notes.js';
import type { CocoResults } from '../data/coco_results.js';
import type { DetectionAnnotations } from '../data/dataset.js';

/** The parts of a dataset that count here. */
type Truth = Pick<DetectionAnnotations, 'name' | 'classes' | 'categoryIds' | 'countedIds' | 'leftOut'>;

/** What became of one pair of name and id. */
interface Verdict {
  /** Among the ground truth's classes; -1: the detections are left out. */
  readonly position: number;
  readonly kind?: keyof typeof MESSAGES;
  /** For the note: what stands in the file. */
  readonly said: string;
}

/** A verdict, the first entry that got it, and how many did. */
interface Judged {
  readonly verdict: Verdict;
  readonly first: number;
  count: number;
}

const MESSAGES = {
  'unknown-category': 'Detections of categories that the ground truth has not are left out',
  'category-by-name': 'Category ids are not those of the ground truth: categories are matched by category_name',
  'category-spelling': 'Category names are spelled otherwise than in the ground truth: categories are matched by id',
} as const;

/**
 * By entry, the category's position among the ground truth's classes; -1 where the detection is left out.
 * @throws {LowformerError} `invalid-argument` where one name has two ids or one id two names, and where detections are
 *   there and none is of a category of the ground truth.
 */
export function matchedCategories(truth: Truth, results: CocoResults, notes: Notes): Int32Array {
  const { categoryIds, categoryNames, file, length } = results;
  const matched = new Int32Array(length);
  const verdicts = new Map<number, Map<number, Judged>>();
  const judge = judgeOf(truth);
  const pairs = pairCheck(file);
  let unknown = 0;
  let lastName = -1;
  let ofName: Map<number, Judged> = new Map();
  verdicts.set(lastName, ofName);
  for (let entry = 0; entry < length; entry++) {
    const id = categoryIds[entry] ?? 0;
    const nameIndex = categoryNames?.of[entry] ?? -1;
    if (nameIndex !== lastName) {
      ofName = verdicts.get(nameIndex) ?? new Map();
      verdicts.set(nameIndex, ofName);
      lastName = nameIndex;
    }
    let known = ofName.get(id);
    if (known === undefined) {
      const name = categoryNames?.names[nameIndex];
      if (name !== undefined) pairs(name, id, entry);
      known = { verdict: judge(name, id), first: entry, count: 0 };
      ofName.set(id, known);
    }
    known.count++;
    if (known.verdict.kind === 'unknown-category') unknown++;
    matched[entry] = known.verdict.position;
  }
  const all = [...verdicts.values()].flatMap((ofName) => [...ofName.values()]);
  const [first] = all;
  if (first !== undefined && unknown === length) {
    throw wrong(`${file}: [0].category_id`, `one of ${listed(truth)}`, categoryIds[0], NONE_MATCHES);
  }
  for (const { verdict, first: entry, count } of all) {
    if (verdict.kind === undefined) continue;
    notes.add(
      { kind: verdict.kind, where: file, message: MESSAGES[verdict.kind] },
      `[${entry}]: ${verdict.said}`,
      count,
    );
  }
  return matched;
}

const NONE_MATCHES = 'No detection is of a category of the ground truth: the files do not belong together.';

function judgeOf({
  classes,
  categoryIds,
  countedIds,
  leftOut,
}: Truth): (name: string | undefined, id: number) => Verdict {
  const byName = new Map(classes.map((name, i) => [name.trim(), i]));
  const byId = new Map<number, number>(categoryIds.map((id, i) => [id, i]));
  const omitted = {
    names: new Set(leftOut?.classes.map((name) => name.trim())),
    ids: new Set<number>(leftOut?.categoryIds),
  };
  return (name, id) => {
    const numbered = byId.get(id);
    if (name === undefined) {
      const said = `category_id ${id}`;
      if (numbered !== undefined) return { position: numbered, said };
      return omitted.ids.has(id) ? { position: -1, said } : { position: -1, kind: 'unknown-category', said };
    }
    const said = `'${name}' (${id})`;
    const named = byName.get(name);
    if (named !== undefined) {
      if (named === numbered || countedIds === true) return { position: named, said };
      return { position: named, kind: 'category-by-name', said };
    }
    if (omitted.names.has(name)) return { position: -1, said };
    if (numbered !== undefined && loose(classes[numbered] ?? '') === loose(name)) {
      return { position: numbered, kind: 'category-spelling', said };
    }
    return { position: -1, kind: 'unknown-category', said };
  };
}

/** Refuses a second id of one name, and a second name of one id. */
function pairCheck(file: string): (name: string, id: number, entry: number) => void {
  const ids = new Map<string, number>();
  const names = new Map<number, string>();
  return (name, id, entry) => {
    const [otherId, otherName] = [ids.get(name), names.get(id)];
    if (otherId !== undefined) {
      throw wrong(`${file}: [${entry}].category_id`, `${otherId}, as for '${name}' before,`, id, CONTRADICTION);
    }
    if (otherName !== undefined) {
      throw wrong(`${file}: [${entry}].category_name`, `'${otherName}', as for ${id} before,`, name, CONTRADICTION);
    }
    ids.set(name, id);
    names.set(id, name);
  };
}

const CONTRADICTION = 'Which of the two is meant cannot be told: correct the file, or leave category_name out of it.';

/** Capitals, spaces and dashes count for nothing. */
function loose(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}

function listed({ name, classes, categoryIds }: Truth): string {
  const some = categoryIds.slice(0, 10).map((id, i) => `${id} ${classes[i]}`);
  const more = categoryIds.length > 10 ? ', …' : '';
  return `the ${categoryIds.length} categories of ${name} (${some.join(', ')}${more})`;
}

function wrong(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}
