/** Which pictures of a dataset are shown. */
import { splitMix } from '../../core/random.js';

/**
 * Positions of `count` pictures, ascending; all where there are no more. Classes that few pictures show come first: for
 * each that is not shown yet, of the pictures that show it the one with the most classes not shown yet. What is left of
 * `count` is drawn from the others. One seed, one choice.
 * @param classesOf by picture: the classes that it shows.
 */
export function samplePictures(classesOf: readonly Iterable<number>[], count: number, seed: number): readonly number[] {
  const order = shuffledPositions(classesOf.length, seed);
  const picturesOf = new Map<number, number[]>();
  for (const picture of order) {
    for (const index of classesOf[picture] ?? []) {
      const pictures = picturesOf.get(index);
      if (pictures === undefined) picturesOf.set(index, [picture]);
      else pictures.push(picture);
    }
  }
  const rareFirst = [...picturesOf].sort(([a, left], [b, right]) => left.length - right.length || a - b);
  const chosen = new Set<number>();
  const shown = new Set<number>();
  for (const [index, pictures] of rareFirst) {
    if (chosen.size >= count) break;
    if (shown.has(index)) continue;
    const best = mostOf(pictures, (picture) => news(classesOf[picture] ?? [], shown));
    if (best === undefined) continue;
    chosen.add(best);
    for (const seen of classesOf[best] ?? []) shown.add(seen);
  }
  for (const picture of order) {
    if (chosen.size >= count) break;
    chosen.add(picture);
  }
  return [...chosen].sort((a, b) => a - b);
}

function news(classes: Iterable<number>, shown: ReadonlySet<number>): number {
  let fresh = 0;
  for (const index of classes) if (!shown.has(index)) fresh++;
  return fresh;
}

/** The first of those with the greatest value. */
function mostOf(pictures: readonly number[], value: (picture: number) => number): number | undefined {
  let best: { readonly picture: number; readonly value: number } | undefined;
  for (const picture of pictures) {
    const own = value(picture);
    if (best === undefined || own > best.value) best = { picture, value: own };
  }
  return best?.picture;
}

/** Fisher and Yates. */
function shuffledPositions(length: number, seed: number): readonly number[] {
  const random = splitMix(seed);
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}
