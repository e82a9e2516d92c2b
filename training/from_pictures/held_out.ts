/** Which pictures are trained on, and which are held out to validate on. */
import { mersenneTwister, randomPermutation } from '../../core/mersenne_twister.js';

/** What decides where a picture goes. */
export interface SplitPicture {
  /** Its path below the folder of pictures, with `/`. */
  readonly path: string;
  /** Class indices that it shows. */
  readonly classes: ReadonlySet<number>;
}

/** Positions in the list, in its order. */
export interface Parts {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  /** How they were told apart; `same` where there are too few, and every picture is in both. */
  readonly by: 'folders' | 'chance' | 'same';
}

/** Held out of all. */
const SHARE = 0.2;
/** More make figures no surer, and each validation slower. */
const MOST = 1000;
/** Of fewer nothing is held out. */
const FEWEST = 4;

const TRAIN = /^train(ing)?$/i;
const VALIDATION = /^val(id|idation)?$/i;

/**
 * Pictures that lie in folders `train` and `val` (anywhere on their paths) stay apart as they are. Otherwise chance
 * decides, the same for one seed: a fifth is held out, 1000 at most, and pictures change sides until each class that at
 * least two pictures show is on both.
 */
export function splitPictures(pictures: readonly SplitPicture[], seed: number): Parts {
  const named = namedParts(pictures);
  if (named !== undefined) return named;
  const all = pictures.map((_, i) => i);
  if (all.length < FEWEST) return { train: all, validation: all, by: 'same' };
  const order = [...randomPermutation(mersenneTwister(seed), all.length)];
  const count = Math.min(MOST, Math.max(1, Math.round(all.length * SHARE)));
  const validation = new Set(order.slice(0, count));
  const train = new Set(order.slice(count));
  for (const label of rarestFirst(pictures)) {
    const showing = (part: ReadonlySet<number>) => [...part].filter((i) => pictures[i]?.classes.has(label));
    const [learnt, checked] = [showing(train), showing(validation)];
    const [first] = learnt.length === 0 ? checked : learnt;
    if (first === undefined) continue;
    if (learnt.length === 0 && validation.size > 1) move(first, validation, train);
    else if (checked.length === 0 && learnt.length > 1) move(first, train, validation);
  }
  return { train: sorted(train), validation: sorted(validation), by: 'chance' };
}

/** undefined unless every picture lies in one of both. Where folders of both kinds follow another, the first counts. */
function namedParts(pictures: readonly SplitPicture[]): Parts | undefined {
  const parts = pictures.map(({ path }) => {
    const folder = path.split('/').slice(0, -1);
    return folder.find((name) => TRAIN.test(name) || VALIDATION.test(name));
  });
  if (parts.includes(undefined)) return undefined;
  const train = parts.flatMap((name, i) => (TRAIN.test(name ?? '') ? [i] : []));
  const validation = parts.flatMap((name, i) => (VALIDATION.test(name ?? '') ? [i] : []));
  return train.length === 0 || validation.length === 0 ? undefined : { train, validation, by: 'folders' };
}

/** Classes by the number of pictures that show them. */
function rarestFirst(pictures: readonly SplitPicture[]): readonly number[] {
  const counts = new Map<number, number>();
  for (const { classes } of pictures) for (const label of classes) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].toSorted(([a, few], [b, many]) => few - many || a - b).map(([label]) => label);
}

function move(picture: number, from: Set<number>, to: Set<number>): void {
  from.delete(picture);
  to.add(picture);
}

function sorted(part: ReadonlySet<number>): readonly number[] {
  return [...part].toSorted((a, b) => a - b);
}
