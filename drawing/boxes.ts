/** Boxes with tags, wherever there is a canvas: no Node API. */
import type { RgbImage, Size } from '../core/frame.js';
import type { Box, Detection } from '../core/results.js';
import type { LoadCanvas } from './canvas.js';
import { classColour, type GivenPalette, type Rgb } from './palette.js';
import { breathe, byRows, fillRectangle, pasteTile } from './raster.js';
import { type Labelled, placeTags, type TagForm } from './tag_layout.js';
import { drawTag, fitText, type MeasureText, tagSize, textMeasure } from './text.js';

export interface DrawDetectionsOptions {
  /** The config's `metainfo.palette`; classes beyond it get colours of ours. */
  readonly palette?: GivenPalette | undefined;
  /** Width of a box's line in pixels; by the size of the picture when left out. */
  readonly lineWidth?: number;
  /** Height of the letters' line in pixels; by the size of the picture when left out. */
  readonly fontSize?: number;
  /** False: boxes without tags. */
  readonly tags?: boolean;
}

/** Below this many pixels letters cannot be read. */
export const SMALLEST_FONT = 8;

/**
 * A copy of `image` with a box and a tag `name 0.87` for each detection. Low scores are drawn first, so that high
 * ones lie on top; a box's line lies inside its outline, rounded to whole pixels. Boxes outside the picture, and
 * boxes that are no numbers, are left out; pictures too small for letters get boxes alone.
 * @param loadCanvas called where tags are wanted; throws what it throws.
 */
export async function drawBoxes(
  image: RgbImage,
  detections: readonly Detection[],
  loadCanvas: LoadCanvas,
  options: DrawDetectionsOptions = {},
): Promise<RgbImage> {
  const drawn: RgbImage = { ...image, data: new Uint8Array(image.data.length) };
  await byRows(image, (first, end) => {
    const [from, to] = [first * image.width * 3, end * image.width * 3];
    drawn.data.set(image.data.subarray(from, to), from);
  });

  const lineWidth = Math.max(1, Math.round(options.lineWidth ?? defaultLineWidth(image)));
  const ascending = detections
    .flatMap((detection) => {
      const outline = pixelOutline(detection.box, image);
      return outline === undefined
        ? []
        : [{ detection, outline, colour: classColour(detection.classIndex, options.palette) }];
    })
    .sort((a, b) => a.detection.score - b.detection.score);
  for (const { outline, colour } of ascending) strokeBox(drawn, outline, lineWidth, colour);

  const fontSize = Math.round(options.fontSize ?? defaultFontSize(image));
  if (options.tags === false || fontSize < SMALLEST_FONT || ascending.length === 0) return drawn;
  const canvas = await loadCanvas();
  const measure = textMeasure(canvas);
  const items = ascending
    .map(({ detection, outline }): Labelled => ({ outline, forms: tagForms(measure, detection, fontSize, image) }))
    .reverse();
  const tags = placeTags(image, items).toReversed();
  for (const [i, tag] of tags.entries()) {
    const colour = ascending[i]?.colour;
    if (tag === undefined || colour === undefined) continue;
    if (i % 32 === 31) await breathe();
    pasteTile(drawn, drawTag(canvas, tag.text, tag.fontSize, tag, colour), tag.x, tag.y);
  }
  return drawn;
}

/** 2 px for 640x480, 21 px for 8000x6000: the same share of the picture. */
export function defaultLineWidth({ width, height }: Size): number {
  return Math.min((width + height) * 0.0015, Math.min(width, height) / 12);
}

/** 12 px at 640x480 and below, 126 px for 8000x6000; at most a quarter of a small picture. */
export function defaultFontSize({ width, height }: Size): number {
  return Math.min(Math.max(12, (width + height) * 0.009), Math.min(width, height) / 4);
}

/** The box in whole pixels, at least one wide and high, cut to the picture; undefined where nothing of it is left. */
function pixelOutline(box: Box, { width, height }: Size): Box | undefined {
  if (!box.every(Number.isFinite)) return undefined;
  const [x1, y1] = [Math.round(box[0]), Math.round(box[1])];
  const [x2, y2] = [Math.max(Math.round(box[2]), x1 + 1), Math.max(Math.round(box[3]), y1 + 1)];
  if (x1 >= width || y1 >= height || x2 <= 0 || y2 <= 0) return undefined;
  return [Math.max(x1, 0), Math.max(y1, 0), Math.min(x2, width), Math.min(y2, height)];
}

/** Four bars inside the outline, thinner where the box is too small for two of them and something between. */
function strokeBox(image: RgbImage, [x1, y1, x2, y2]: Box, lineWidth: number, colour: Rgb): void {
  const line = Math.max(1, Math.min(lineWidth, Math.floor(Math.min(x2 - x1, y2 - y1) / 4)));
  fillRectangle(image, x1, y1, x2, Math.min(y1 + line, y2), colour);
  fillRectangle(image, x1, Math.max(y2 - line, y1), x2, y2, colour);
  fillRectangle(image, x1, y1, Math.min(x1 + line, x2), y2, colour);
  fillRectangle(image, Math.max(x2 - line, x1), y1, x2, y2, colour);
}

/** Name and score, then smaller, then the score alone: what is left out first is what the colour says as well. */
function tagForms(measure: MeasureText, detection: Detection, fontSize: number, picture: Size): readonly TagForm[] {
  const score = detection.score.toFixed(2);
  const small = Math.max(SMALLEST_FONT, Math.round(fontSize * 0.8));
  const form = (text: string, size: number): TagForm => ({ text, fontSize: size, ...tagSize(measure, text, size) });
  const named = (size: number) => {
    const room = Math.min(picture.width - size, 16 * size) - measure(` ${score}`, size);
    const name = fitText(measure, measure.shown(detection.category, detection.classIndex), size, room);
    return form(name === '' ? score : `${name} ${score}`, size);
  };
  return [named(fontSize), named(small), form(score, small)];
}
