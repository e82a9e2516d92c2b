/** A picture made small with its annotations over it, for looking at many at once. */
import { categoryId, classIndex } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import type { RgbImage, Size } from '../core/frame.js';
import type { Box, Detection } from '../core/results.js';
import { resizeAntialiased } from '../images/resize_antialiased.js';
import { drawDetections } from './detections.js';
import { loadCanvas } from './font.js';
import { classColour, type GivenPalette, type Rgb } from './palette.js';
import { pasteTile } from './raster.js';
import { drawSegmentation } from './segmentation.js';
import { placeTags, type TagForm } from './tag_layout.js';
import { drawTag, fitText, type MeasureText, tagSize, textMeasure } from './text.js';

export interface AnnotatedBox {
  /** Pixels of the whole picture. */
  readonly box: Box;
  /** From 0. */
  readonly classIndex: number;
  readonly name: string;
  /** What scoring leaves out (a crowd, a difficult object): hatched. */
  readonly ignored: boolean;
}

export interface AnnotatedLabels extends Size {
  /** Row-major class indices, `width * height`. */
  readonly labels: Uint8Array | Uint16Array;
  /** The label that is no class: greyed and hatched. */
  readonly ignored: number;
  /** By class index, as they are written on the thumbnail. */
  readonly names: readonly string[];
}

const FONT_SIZE = 11;
const LINE_WIDTH = 2;
const MOST_LETTERS = 24;
/** Letters of a name where the whole of it has no room. */
const FIRST_LETTERS = [5, 3, 2] as const;
/** Pixels from one line of a hatch to the next, along a row, and the line's own. */
const HATCH = { step: 7, line: 2 } as const;

/** As large as fits into a square of `side` pixels, the aspect kept; small pictures grow. At least 1x1. */
export function thumbnailSize({ width, height }: Size, side: number): Size {
  const scale = side / Math.max(width, height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * The picture in `size` with boxes and the names of their classes, cut to the first letters where there is no room for
 * more. Small boxes lie on top; the names of classes that are few in this picture are placed first.
 * @throws {LowformerError} `missing-package` where `canvas` is not installed.
 */
export async function drawBoxThumbnail(
  image: RgbImage,
  boxes: readonly AnnotatedBox[],
  size: Size,
  palette?: GivenPalette,
): Promise<RgbImage> {
  const [scaleX, scaleY] = [size.width / image.width, size.height / image.height];
  const scaled = boxes
    .map((object) => {
      const [x1, y1, x2, y2] = object.box;
      return { ...object, box: [x1 * scaleX, y1 * scaleY, x2 * scaleX, y2 * scaleY] as const };
    })
    .toSorted((a, b) => area(b.box) - area(a.box));
  const small = resizeAntialiased(image, size, 'bilinear');
  const drawn = await drawDetections(small, scaled.map(asDetection), { palette, tags: false, lineWidth: LINE_WIDTH });
  for (const { box, classIndex: index, ignored } of scaled) {
    if (ignored) hatch(drawn, wholePixels(box, size), classColour(index, palette));
  }
  await nameBoxes(drawn, scaled, palette);
  return drawn;
}

/**
 * The picture in `size` with the class colours blended over it, and names on regions that have room for them; labels
 * are taken at the pixels' centres.
 * @throws {LowformerError} `invalid-argument` unless picture and labels have one size; `missing-package` where `canvas`
 *   is not installed.
 */
export async function drawLabelThumbnail(
  image: RgbImage,
  map: AnnotatedLabels,
  size: Size,
  palette?: GivenPalette,
): Promise<RgbImage> {
  if (map.width !== image.width || map.height !== image.height) {
    const expected = `a label map of ${image.width}x${image.height}, as the picture,`;
    const received = `${map.width}x${map.height}`;
    throw new LowformerError({ code: 'invalid-argument', where: 'drawLabelThumbnail', expected, received });
  }
  const labels = new Uint16Array(size.width * size.height);
  const columns = Array.from({ length: size.width }, (_, x) => Math.floor(((x + 0.5) * map.width) / size.width));
  for (let y = 0, at = 0; y < size.height; y++) {
    const row = Math.floor(((y + 0.5) * map.height) / size.height) * map.width;
    for (const column of columns) labels[at++] = map.labels[row + column] ?? 0;
  }
  const small = resizeAntialiased(image, size, 'bilinear');
  const shown = labels.map((label) => (label === map.ignored ? 0 : label));
  const blended = await drawSegmentation(
    small,
    { kind: 'segmentation', ...size, labels: shown, classes: [] },
    { palette, legend: false },
  );
  for (let pixel = 0; pixel < labels.length; pixel++) {
    if (labels[pixel] === map.ignored) greyOut(blended, small, pixel);
  }
  await nameRegions(blended, labels, map, palette);
  return blended;
}

/** The picture in `size` with one name in its upper left corner. @throws as `drawBoxThumbnail`. */
export async function drawNamedThumbnail(image: RgbImage, name: string, index: number, size: Size): Promise<RgbImage> {
  const resized = resizeAntialiased(image, size, 'bilinear');
  // Where the size is the picture's own already, it is the picture itself.
  const drawn = { ...resized, data: resized.data.slice() };
  const canvas = await loadCanvas();
  const measure = textMeasure(canvas);
  const text = fitText(measure, measure.shown(name, index), FONT_SIZE, size.width - FONT_SIZE);
  if (text === '') return drawn;
  pasteTile(drawn, drawTag(canvas, text, FONT_SIZE, tagSize(measure, text, FONT_SIZE), classColour(index)), 0, 0);
  return drawn;
}

async function nameBoxes(image: RgbImage, boxes: readonly AnnotatedBox[], palette?: GivenPalette): Promise<void> {
  const visible = boxes.filter(({ box: [x1, y1, x2, y2] }) => {
    return x1 < image.width && y1 < image.height && x2 > 0 && y2 > 0;
  });
  if (visible.length === 0) return;
  const counts = new Map<number, number>();
  for (const { classIndex: index } of visible) counts.set(index, (counts.get(index) ?? 0) + 1);
  const few = ({ classIndex: index }: AnnotatedBox) => counts.get(index) ?? 0;
  const rareFirst = visible.toSorted((a, b) => few(a) - few(b));
  const canvas = await loadCanvas();
  const measure = textMeasure(canvas);
  const items = rareFirst.map(({ box, name, classIndex: index }) => ({
    outline: wholePixels(box, image),
    forms: tagForms(measure, name, index),
  }));
  placeTags(image, items).forEach((tag, i) => {
    const object = rareFirst[i];
    if (tag === undefined || object === undefined) return;
    const colour = classColour(object.classIndex, palette);
    pasteTile(image, drawTag(canvas, tag.text, tag.fontSize, tag, colour), tag.x, tag.y);
  });
}

/** A run of pixels of one class along a row. */
interface Run {
  readonly x: number;
  readonly y: number;
  readonly length: number;
}

/** Once a class, in the middle of its longest run, as much of the name as fits into that. */
async function nameRegions(
  image: RgbImage,
  labels: Uint16Array,
  { names, ignored }: AnnotatedLabels,
  palette?: GivenPalette,
): Promise<void> {
  const canvas = await loadCanvas();
  const measure = textMeasure(canvas);
  for (const [index, { x, y, length }] of longestRuns(labels, image.width)) {
    const tag = tagForms(measure, names[index] ?? '', index).find(({ text, width }) => text && width <= length);
    if (index === ignored || tag === undefined) continue;
    const left = x + Math.floor((length - tag.width) / 2);
    const top = Math.min(Math.max(0, y - Math.floor(tag.height / 2)), image.height - tag.height);
    pasteTile(image, drawTag(canvas, tag.text, tag.fontSize, tag, classColour(index, palette)), left, top);
  }
}

/** By label; of equal ones the middle one, so that names lie within bands and not at their edges. */
function longestRuns(labels: Uint16Array, width: number): ReadonlyMap<number, Run> {
  const longest = new Map<number, Run[]>();
  for (let start = 0; start < labels.length; ) {
    const label = labels[start] ?? 0;
    const rowEnd = start - (start % width) + width;
    let end = start + 1;
    while (end < rowEnd && labels[end] === label) end++;
    const run = { x: start % width, y: Math.floor(start / width), length: end - start };
    const known = longest.get(label);
    const best = known?.[0]?.length ?? 0;
    if (known === undefined || run.length > best) longest.set(label, [run]);
    else if (run.length === best) known.push(run);
    start = end;
  }
  const middles = [...longest].flatMap(([label, runs]): [number, Run][] => {
    const middle = runs[runs.length >> 1];
    return middle === undefined ? [] : [[label, middle]];
  });
  return new Map(middles);
}

/** The whole name, then ever fewer of its first letters. */
function tagForms(measure: MeasureText, name: string, index: number): readonly TagForm[] {
  const letters = [...measure.shown(name, index)].slice(0, MOST_LETTERS);
  // A number that is cut is another number.
  const shorter = letters[0] === '#' ? [] : FIRST_LETTERS.filter((count) => count < letters.length);
  return [letters.length, ...shorter].map((count) => {
    const text = letters.slice(0, count).join('').trimEnd();
    return { text, fontSize: FONT_SIZE, ...tagSize(measure, text, FONT_SIZE) };
  });
}

function asDetection({ box, classIndex: index, name }: AnnotatedBox): Detection {
  const known = classIndex(index);
  return { box, score: 1, classIndex: known, categoryId: categoryId(index + 1), category: name };
}

function wholePixels([x1, y1, x2, y2]: Box, { width, height }: Size): Box {
  const within = (value: number, limit: number) => Math.min(Math.max(Math.round(value), 0), limit);
  return [within(x1, width), within(y1, height), within(x2, width), within(y2, height)];
}

function area([x1, y1, x2, y2]: Box): number {
  return (x2 - x1) * (y2 - y1);
}

function onHatch(x: number, y: number): boolean {
  return (x + y) % HATCH.step < HATCH.line;
}

function hatch({ data, width }: RgbImage, [x1, y1, x2, y2]: Box, colour: Rgb): void {
  for (let y = y1; y < y2; y++) {
    for (let x = x1; x < x2; x++) if (onHatch(x, y)) data.set(colour, (y * width + x) * 3);
  }
}

/** One pixel as `image` has it, without its colour and towards white; dark on the lines of the hatch. */
function greyOut({ data, width }: RgbImage, image: RgbImage, pixel: number): void {
  const [red = 0, green = 0, blue = 0] = image.data.subarray(pixel * 3, pixel * 3 + 3);
  const grey = (0.299 * red + 0.587 * green + 0.114 * blue + 200) / 2;
  const dark = onHatch(pixel % width, Math.floor(pixel / width));
  data.fill(Math.round(dark ? grey / 2 : grey), pixel * 3, pixel * 3 + 3);
}
