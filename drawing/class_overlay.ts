/** Classes over a picture, wherever there is a canvas: no Node API. */
import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import type { SegmentationMap } from '../core/results.js';
import type { LoadCanvas } from './canvas.js';
import { drawLegend, type LegendEntry, type LegendLayout, layOutLegend } from './legend.js';
import { classColour, type GivenPalette, WHITE } from './palette.js';
import { blankImage, byRows } from './raster.js';
import { type MeasureText, textMeasure } from './text.js';

export interface DrawSegmentationOptions {
  /** The config's `metainfo.palette`; classes beyond it get colours of ours. */
  readonly palette?: GivenPalette | undefined;
  /** How much of the class colour covers the picture, 0 to 1; 0.5 when left out. */
  readonly alpha?: number;
  /** False: the picture alone. */
  readonly legend?: boolean;
}

/** Where the picture and its legend stand in what is drawn. */
interface Placement {
  readonly layout: LegendLayout;
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  readonly inside: boolean;
}

/** Rows that a legend may have beside a picture that is lower than that. */
const FEWEST_ROWS = 8;

/**
 * `image` with the class colours blended over it and a legend of `map.classes` with their shares of the picture, most
 * first. A short legend lies in the lower left corner; a longer one on a white strip to the right, or below a wide
 * picture, and the result is that much larger. What finds no room is counted in a last line.
 * @param loadCanvas called where a legend is wanted; throws what it throws.
 * @throws {LowformerError} `invalid-argument` unless map and picture have one size.
 */
export async function drawClasses(
  image: RgbImage,
  map: SegmentationMap,
  loadCanvas: LoadCanvas,
  options: DrawSegmentationOptions = {},
): Promise<RgbImage> {
  if (map.width !== image.width || map.height !== image.height) {
    throw new LowformerError({
      code: 'invalid-argument',
      where: 'drawSegmentation',
      expected: `a label map of ${image.width}x${image.height}`,
      received: `${map.width}x${map.height}`,
    });
  }
  if (options.legend === false || map.classes.every(({ pixels }) => pixels === 0)) {
    const drawn = { ...image, data: new Uint8Array(image.data.length) };
    await blendClasses(drawn, image, map, options);
    return drawn;
  }
  const canvas = await loadCanvas();
  const { layout, width, height, x, y, inside } = placeLegend(textMeasure(canvas), image, legendEntries(map, options));
  const drawn = blankImage(width, height, WHITE);
  await blendClasses(drawn, image, map, options);
  await drawLegend(canvas, layout, inside ? 0.85 : 1, drawn, x, y);
  return drawn;
}

/** Writes the blend into the upper left of `drawn`, which is at least as large as `image`. */
async function blendClasses(
  drawn: RgbImage,
  image: RgbImage,
  { labels }: SegmentationMap,
  { palette, alpha = 0.5 }: DrawSegmentationOptions,
): Promise<void> {
  const greatest = labels instanceof Uint8Array ? 255 : labels.reduce((most, label) => Math.max(most, label), 0);
  const colours = new Float32Array((greatest + 1) * 3);
  for (let label = 0; label <= greatest; label++) colours.set(classColour(label, palette), label * 3);
  const { width } = image;
  await byRows(image, (first, end) => {
    for (let row = first; row < end; row++) {
      let to = row * drawn.width * 3;
      for (let pixel = row * width; pixel < (row + 1) * width; pixel++) {
        const colour = (labels[pixel] ?? 0) * 3;
        for (let channel = 0; channel < 3; channel++, to++) {
          const below = image.data[pixel * 3 + channel] ?? 0;
          drawn.data[to] = below + alpha * ((colours[colour + channel] ?? 0) - below) + 0.5;
        }
      }
    }
  });
}

function legendEntries({ classes, width, height }: SegmentationMap, options: DrawSegmentationOptions): LegendEntry[] {
  return classes
    .filter(({ pixels }) => pixels > 0)
    .toSorted((a, b) => b.pixels - a.pixels || a.classIndex - b.classIndex)
    .map(({ classIndex, category, pixels }) => ({
      name: category,
      classIndex,
      share: formatShare(pixels / (width * height)),
      colour: classColour(classIndex, options.palette),
    }));
}

/** `34.1 %`; what rounds to nothing is not called nothing. */
function formatShare(fraction: number): string {
  const percent = fraction * 100;
  return percent < 0.05 ? '<0.1 %' : `${percent.toFixed(1)} %`;
}

function placeLegend(measure: MeasureText, { width, height }: RgbImage, entries: readonly LegendEntry[]): Placement {
  const fontSize = Math.round(Math.max(11, Math.sqrt(width * height) * 0.014));
  const margin = Math.round(fontSize * 0.8);
  const one = layOutLegend(measure, entries, fontSize, { rows: entries.length, width: Number.POSITIVE_INFINITY });
  const fits = one.width + 2 * margin <= width / 2 && one.height + 2 * margin <= height / 2;
  if (fits && one.width * one.height <= 0.07 * width * height) {
    return { layout: one, width, height, x: margin, y: height - margin - one.height, inside: true };
  }
  const fullRows = Math.max(FEWEST_ROWS, Math.floor((height - 2 * one.padding) / one.rowHeight));
  if (width > 1.8 * height) {
    const perRow = Math.max(1, Math.floor((width - 2 * one.padding + fontSize) / (one.columnWidth + fontSize)));
    const rows = Math.min(fullRows, Math.ceil(entries.length / perRow));
    const layout = layOutLegend(measure, entries, fontSize, { rows, width });
    return {
      layout,
      width: Math.max(width, layout.width),
      height: height + layout.height,
      x: 0,
      y: height,
      inside: false,
    };
  }
  const layout = layOutLegend(measure, entries, fontSize, { rows: fullRows, width });
  return {
    layout,
    width: width + layout.width,
    height: Math.max(height, layout.height),
    x: width,
    y: 0,
    inside: false,
  };
}
