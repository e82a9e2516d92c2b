/**
 * Whether two label maps show nearly the same, as neighbouring frames of a film do: of a list of the worst pictures one of
 * them is enough.
 */
import type { LabelMap } from './segmentation_metrics.js';

const COLUMNS = 16;
const ROWS = 12;

/**
 * From this agreement on, two scenes are one. Of a film of a street, neighbouring frames agree with 0.8 to 0.9, frames of
 * different streets with 0.3 to 0.6.
 */
export const SAME_SCENE = 0.7;

/** The labels at the centres of 16 by 12 cells, row-major. */
export function sceneSignature({ labels, width, height }: LabelMap): Uint16Array {
  const signature = new Uint16Array(COLUMNS * ROWS);
  for (let row = 0; row < ROWS; row++) {
    const y = Math.floor(((row + 0.5) * height) / ROWS);
    for (let column = 0; column < COLUMNS; column++) {
      const x = Math.floor(((column + 0.5) * width) / COLUMNS);
      signature[row * COLUMNS + column] = labels[y * width + x] ?? 0;
    }
  }
  return signature;
}

/**
 * Agreement of two signatures beyond what their labels' frequencies make likely (Cohen's kappa, 1960): 1 where all cells
 * agree, about 0 by chance. 0 where both show one and the same label alone: nothing tells such scenes apart.
 */
export function sceneAgreement(a: Uint16Array, b: Uint16Array): number {
  const counts = new Map<number, [number, number]>();
  let equal = 0;
  for (let cell = 0; cell < a.length; cell++) {
    const [left, right] = [a[cell] ?? 0, b[cell] ?? 0];
    if (left === right) equal++;
    increase(counts, left, 0);
    increase(counts, right, 1);
  }
  let chance = 0;
  for (const [left, right] of counts.values()) chance += (left / a.length) * (right / a.length);
  return chance >= 1 ? 0 : (equal / a.length - chance) / (1 - chance);
}

/** Only neighbours in the order of the pictures are looked at: frames of one film. */
const NEIGHBOURS = 50;

/** A picture of a list, with its place in the order of the pictures. */
export interface Scene {
  readonly place: number;
  readonly signature: Uint16Array;
}

/** The first `most` of which no two neighbours show the same, each with those that it stands for. */
export function distinctScenes<Picture extends Scene>(
  pictures: readonly Picture[],
  most: number,
): readonly { readonly picture: Picture; readonly alike: readonly Picture[] }[] {
  const chosen: { readonly picture: Picture; readonly alike: Picture[] }[] = [];
  for (const picture of pictures) {
    const same = chosen.find(
      ({ picture: { place, signature } }) =>
        Math.abs(place - picture.place) <= NEIGHBOURS && sceneAgreement(signature, picture.signature) >= SAME_SCENE,
    );
    if (same !== undefined) same.alike.push(picture);
    else if (chosen.length < most) chosen.push({ picture, alike: [] });
  }
  return chosen;
}

function increase(counts: Map<number, [number, number]>, label: number, side: 0 | 1): void {
  const known = counts.get(label) ?? [0, 0];
  known[side]++;
  counts.set(label, known);
}
