/** Colours for classes: as many as a dataset has, each well apart from the others, and black or white text on them. */

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [r: number, g: number, b: number];

/** A config's `metainfo.palette`: [r, g, b] of each class, 0 to 255. */
export type GivenPalette = readonly (readonly number[])[];

export const BLACK: Rgb = [0, 0, 0];
export const WHITE: Rgb = [255, 255, 255];

/** The first classes' colours, picked by eye: strong on photographs and told apart by most colour-blind people. */
const FIRST: readonly Rgb[] = [
  [0, 114, 206],
  [255, 133, 0],
  [0, 128, 64],
  [214, 32, 56],
  [136, 66, 200],
  [0, 186, 196],
  [236, 72, 168],
  [245, 200, 20],
  [128, 78, 40],
  [146, 208, 60],
];

/**
 * The colour of class `index` (from 0): the config's `metainfo.palette` where it lists one, else one of ours.
 * Ours do not depend on the number of classes: class 3 looks the same in every picture. They repeat after some
 * thousands.
 */
export function classColour(index: number, given: GivenPalette = []): Rgb {
  const listed = given[index];
  if (listed !== undefined) return [listed[0] ?? 0, listed[1] ?? 0, listed[2] ?? 0];
  while (made.length <= index) {
    const next = unused.next();
    if (next.done === true) break;
    made.push(next.value);
  }
  return made[index % made.length] ?? BLACK;
}

/** The colours of classes 0 to `count - 1`, as `classColour` gives them. */
export function classPalette(count: number, given: GivenPalette = []): readonly Rgb[] {
  return Array.from({ length: count }, (_, index) => classColour(index, given));
}

/** Black or white, whichever stands out more: never below 4.58:1, over the 4.5:1 that WCAG 2.2 asks of text. */
export function textColour(background: Rgb): Rgb {
  return contrastRatio(background, BLACK) >= contrastRatio(background, WHITE) ? BLACK : WHITE;
}

/** Contrast of two colours as WCAG 2.2 defines it: 1 (equal) to 21 (black on white). */
export function contrastRatio(a: Rgb, b: Rgb): number {
  const [la, lb] = [relativeLuminance(a), relativeLuminance(b)];
  return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05);
}

function relativeLuminance([r, g, b]: Rgb): number {
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/** The sRGB transfer curve undone: 0 to 255 in, light from 0 to 1 out. */
function linear(value: number): number {
  const s = value / 255;
  return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
}

/** Grows as colours are asked for; what is in it never changes. */
const made: Rgb[] = [];
const unused = distinctColours();

/** After `FIRST`, always the candidate that is farthest from every colour given so far. */
function* distinctColours(): Generator<Rgb, undefined> {
  const candidates = candidateColours();
  const places = candidates.map(oklab);
  const nearest = new Float64Array(candidates.length).fill(Number.POSITIVE_INFINITY);
  const take = (colour: Rgb) => {
    const place = oklab(colour);
    places.forEach((other, i) => {
      nearest[i] = Math.min(nearest[i] ?? 0, Math.hypot(other[0] - place[0], other[1] - place[1], other[2] - place[2]));
    });
    return colour;
  };
  // pictures are full of greys: stay away from them as well
  for (const grey of [0, 64, 128, 192, 255]) take([grey, grey, grey]);
  for (const colour of FIRST) yield take(colour);
  for (;;) {
    let best = 0;
    for (let i = 1; i < nearest.length; i++) if ((nearest[i] ?? 0) > (nearest[best] ?? 0)) best = i;
    const colour = candidates[best];
    if (colour === undefined || nearest[best] === 0) return undefined;
    yield take(colour);
  }
}

/** A lattice over the cube, without what is too dark or too pale to be told from ink and paper. */
function candidateColours(): readonly Rgb[] {
  const steps = Array.from({ length: 16 }, (_, i) => i * 17);
  const cube = steps.flatMap((r) => steps.flatMap((g) => steps.map((b): Rgb => [r, g, b])));
  return cube.filter((colour) => {
    const [lightness] = oklab(colour);
    return lightness > 0.3 && lightness < 0.92;
  });
}

/** Björn Ottosson's OKLab (2020), in which distance follows what people see. */
function oklab([r8, g8, b8]: Rgb): readonly [lightness: number, a: number, b: number] {
  const [r, g, b] = [linear(r8), linear(g8), linear(b8)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
