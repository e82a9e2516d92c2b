/** Lines and zones in which tracked objects are counted, with their counts. */
import type { RgbImage, Size } from '../core/frame.js';
import type { Box } from '../core/results.js';
import { type PixelPoint, polygonMask } from '../geometry/polygon_mask.js';
import { defaultFontSize, defaultLineWidth, SMALLEST_FONT } from './boxes.js';
import { loadCanvas } from './font.js';
import { BLACK, classColour, type Rgb, WHITE } from './palette.js';
import { type Point, strokePolyline } from './polyline.js';
import { byRows, pasteTile } from './raster.js';
import { type Labelled, placeTags, type TagForm } from './tag_layout.js';
import { drawTag, fitText, type MeasureText, tagSize, textMeasure } from './text.js';

/** A line and what has crossed it; the side that objects go in to is on the left of the way from `start` to `end`. */
export interface DrawnLine {
  readonly name: string;
  readonly start: Point;
  readonly end: Point;
  readonly in: number;
  readonly out: number;
}

/** A zone, the objects in it, and the different ones that have been. */
export interface DrawnZone {
  readonly name: string;
  readonly polygon: readonly Point[];
  readonly inside: number;
  readonly tracks: number;
}

/** Places in pixels of the picture. */
export interface DrawnCounts {
  readonly lines: readonly DrawnLine[];
  readonly zones: readonly DrawnZone[];
}

export interface DrawCountsOptions {
  /** Width of lines in pixels; by the size of the picture when left out. */
  readonly lineWidth?: number;
  /** Height of the letters' line in pixels; by the size of the picture when left out. */
  readonly fontSize?: number;
  /** False: no counts, the places alone. */
  readonly tags?: boolean;
}

/** How much of a zone's colour lies over the picture. */
const FILL = 0.18;

/**
 * A copy of `image` with each line, an arrow to the side that objects go in to, and `door: 12 in, 9 out`; and with each zone,
 * lightly filled, and `corner: 4 inside, 12 in all`. Pictures too small for letters get the places alone.
 * @throws {LowformerError} `missing-package` where tags are wanted and `canvas` is not installed.
 */
export async function drawCounts(
  image: RgbImage,
  counts: DrawnCounts,
  options: DrawCountsOptions = {},
): Promise<RgbImage> {
  const drawn: RgbImage = { ...image, data: image.data.slice() };
  await paintPlaces(drawn, counts, options);
  await paintCountTags(drawn, counts, options);
  return drawn;
}

/** What lies below boxes, into the picture. */
export async function paintPlaces(
  image: RgbImage,
  { lines, zones }: DrawnCounts,
  options: DrawCountsOptions,
): Promise<void> {
  const width = Math.max(2, Math.round(options.lineWidth ?? 1.5 * defaultLineWidth(image)));
  const strokes = [
    ...zones.map(({ polygon }, i) => ({ ways: [[...polygon, ...polygon.slice(0, 1)]], colour: classColour(i) })),
    ...lines.map((line) => ({ ways: lineWays(line, width), colour: WHITE })),
  ];
  for (const [i, { polygon }] of zones.entries()) await tint(image, polygon, classColour(i));
  // What is dark around it is seen on pale pictures, what is bright in it on dark ones.
  const casing = width + 2 * Math.max(1, Math.round(width / 3));
  for (const { ways, colour } of strokes) {
    for (const way of ways) strokePolyline(image, way, casing, BLACK);
    for (const way of ways) strokePolyline(image, way, width, colour);
  }
}

/** What lies above boxes, into the picture. @throws as `drawCounts`. */
export async function paintCountTags(image: RgbImage, counts: DrawnCounts, options: DrawCountsOptions): Promise<void> {
  const fontSize = Math.round(options.fontSize ?? defaultFontSize(image));
  if (options.tags === false || fontSize < SMALLEST_FONT || counts.lines.length + counts.zones.length === 0) return;
  const canvas = await loadCanvas();
  const measure = textMeasure(canvas);
  const wanted = [
    ...counts.lines.map((line) => ({ ...lineTag(measure, line, fontSize, image), colour: BLACK })),
    ...counts.zones.map((zone, i) => ({ ...zoneTag(measure, zone, fontSize, image), colour: classColour(i) })),
  ];
  placeTags(image, wanted).forEach((tag, i) => {
    const colour = wanted[i]?.colour;
    if (tag === undefined || colour === undefined) return;
    pasteTile(image, drawTag(canvas, tag.text, tag.fontSize, tag, colour), tag.x, tag.y);
  });
}

/** The line, its ends, and an arrow from its middle. */
function lineWays({ start, end }: DrawnLine, width: number): readonly (readonly Point[])[] {
  const { middle, along, inwards } = frameOf({ start, end });
  const reach = Math.max(10, 6 * width);
  const from = (inAway: number, sideways: number): Point => [
    middle[0] + inwards[0] * inAway + along[0] * sideways,
    middle[1] + inwards[1] * inAway + along[1] * sideways,
  ];
  const [tip, head] = [from(reach, 0), reach * 0.4];
  return [
    [start, end],
    [middle, tip],
    [from(reach - head, -head), tip, from(reach - head, head)],
  ];
}

/** The middle of a line, its direction, and that to its left: of length 1. */
function frameOf({ start, end }: Pick<DrawnLine, 'start' | 'end'>) {
  const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
  const length = Math.hypot(dx, dy) || 1;
  const along = [dx / length, dy / length] as const;
  const middle = [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2] as const;
  // Rows count downwards.
  return { middle, along, inwards: [along[1], -along[0]] as const };
}

async function tint(image: RgbImage, polygon: readonly Point[], colour: Rgb): Promise<void> {
  const { left, top, width, height, data } = polygonMask(
    polygon.map(([x, y]): PixelPoint => [Math.round(x), Math.round(y)]),
  );
  const [from, to] = [Math.max(0, -left), Math.min(width, image.width - left)];
  await byRows({ width, height }, (first, end) => {
    for (let row = Math.max(first, -top); row < Math.min(end, image.height - top); row++) {
      for (let column = from; column < to; column++) {
        if (data[row * width + column] === 0) continue;
        const at = ((row + top) * image.width + column + left) * 3;
        for (let channel = 0; channel < 3; channel++) {
          const below = image.data[at + channel] ?? 0;
          image.data[at + channel] = below + FILL * ((colour[channel] ?? 0) - below) + 0.5;
        }
      }
    }
  });
}

/** Beside the middle of the line, on the side without the arrow. */
function lineTag(measure: MeasureText, line: DrawnLine, fontSize: number, picture: Size): Labelled {
  const forms = tagForms(measure, line.name, `${line.in} in, ${line.out} out`, fontSize, picture);
  const { width = 0, height = 0 } = forms[0] ?? {};
  const { middle, inwards } = frameOf(line);
  const away = (Math.abs(inwards[0]) * width + Math.abs(inwards[1]) * height) / 2 + fontSize * 0.6;
  const [x, y] = [middle[0] - inwards[0] * away, middle[1] - inwards[1] * away];
  return { outline: below(x, y + height / 2, width, height), forms };
}

/** Above the zone's uppermost corner, or below it where there is no room. */
function zoneTag(measure: MeasureText, zone: DrawnZone, fontSize: number, picture: Size): Labelled {
  const forms = tagForms(measure, zone.name, `${zone.inside} inside, ${zone.tracks} in all`, fontSize, picture);
  const { width = 0, height = 0 } = forms[0] ?? {};
  const top = Math.min(...zone.polygon.map(([, y]) => y));
  const uppermost = zone.polygon.filter(([, y]) => y - top < height).map(([x]) => x);
  const x = uppermost.reduce((sum, one) => sum + one, 0) / uppermost.length;
  return { outline: below(x, top, width, height), forms };
}

/** An outline whose tag is first tried on top of it, with (x, y) in the middle of its lower edge. */
function below(x: number, y: number, width: number, height: number): Box {
  const [left, top] = [Math.round(x - width / 2), Math.round(y)];
  return [left, top, left + width, top + 2 * height];
}

/** Name and counts, then smaller, then the counts alone. */
function tagForms(
  measure: MeasureText,
  name: string,
  counts: string,
  fontSize: number,
  picture: Size,
): readonly TagForm[] {
  const small = Math.max(SMALLEST_FONT, Math.round(fontSize * 0.8));
  const form = (text: string, size: number): TagForm => ({ text, fontSize: size, ...tagSize(measure, text, size) });
  const named = (size: number) => {
    const room = Math.min(picture.width - size, 24 * size) - measure(`: ${counts}`, size);
    const shown = fitText(measure, measure.shown(name), size, room);
    return form(shown === '' ? counts : `${shown}: ${counts}`, size);
  };
  return [named(fontSize), named(small), form(counts, small)];
}
