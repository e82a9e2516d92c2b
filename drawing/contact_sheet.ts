/** Many small pictures on one: rows of thumbnails with two lines of text under each, below a heading and a legend. */
import type { RgbImage, Size } from '../core/frame.js';
import type { CanvasPackage } from './canvas.js';
import { loadCanvas } from './font.js';
import { drawLegend, type LegendEntry, type LegendLayout, layOutLegend } from './legend.js';
import { type Rgb, WHITE } from './palette.js';
import { blankImage, pasteTile } from './raster.js';
import { drawTag, fitText, type MeasureText, tagSize, textMeasure } from './text.js';

export interface SheetPicture {
  /** Drawn as it is: a thumbnail, with its annotations. */
  readonly image: RgbImage;
  /** The first line under it, cut at the front where it is too long: file names differ at their ends. */
  readonly title: string;
  /** The second line: size, what is in it. */
  readonly note: string;
  /** The note says that something is wrong with the picture, and stands out. */
  readonly warning: boolean;
}

export interface ContactSheet {
  readonly heading: string;
  /** In the order in which they are set, row by row. */
  readonly pictures: readonly SheetPicture[];
  /** Thumbnails beside one another, 1 or more. */
  readonly columns: number;
  readonly legend: readonly LegendEntry[];
}

/** Where a thumbnail's upper left corner is, and the tops of its two lines of text. */
export interface SheetPlace {
  readonly x: number;
  readonly y: number;
  readonly titleTop: number;
  readonly noteTop: number;
}

/** In pixels. */
export interface SheetLayout extends Size {
  readonly headingTop: number;
  readonly legendTop: number;
  /** The most that a line under a thumbnail may take. */
  readonly captionWidth: number;
  readonly places: readonly SheetPlace[];
}

const MARGIN = 12;
const GAP = 10;
const FONT_SIZE = 12;
const HEADING_SIZE = 17;
const LINE_HEIGHT = 17;
const HEADING_HEIGHT = 26;
/** Captions of narrow thumbnails need some room. */
const NARROWEST_COLUMN = 120;
/** Lists of a thousand classes would push the pictures away: the rest is counted in a last line. */
const MOST_LEGEND_ROWS = 30;
const WARNING: Rgb = [190, 24, 40];

/**
 * Sets the thumbnails row by row: columns as wide as the widest, rows as high as their highest. The sheet is wide enough
 * for its legend, too.
 */
export function layOutSheet(thumbnails: readonly Size[], columns: number, legend: Size): SheetLayout {
  const used = Math.max(1, Math.min(columns, thumbnails.length));
  const columnWidth = thumbnails.reduce((widest, { width }) => Math.max(widest, width), NARROWEST_COLUMN);
  const headingTop = MARGIN;
  const legendTop = headingTop + HEADING_HEIGHT;
  const places: SheetPlace[] = [];
  let top = legendTop + legend.height + GAP;
  for (let first = 0; first < thumbnails.length; first += used) {
    const row = thumbnails.slice(first, first + used);
    const height = row.reduce((highest, thumbnail) => Math.max(highest, thumbnail.height), 0);
    row.forEach((thumbnail, column) => {
      const x = MARGIN + column * (columnWidth + GAP);
      const titleTop = top + thumbnail.height + 2;
      places.push({ x, y: top, titleTop, noteTop: titleTop + LINE_HEIGHT });
    });
    top += height + 2 + 2 * LINE_HEIGHT + GAP;
  }
  const grid = used * columnWidth + (used - 1) * GAP;
  const width = 2 * MARGIN + Math.max(grid, legend.width);
  return { width, height: top + MARGIN - GAP, headingTop, legendTop, captionWidth: columnWidth, places };
}

/** Draws the sheet, black on white, in the shipped font. @throws {LowformerError} `missing-package` without `canvas`. */
export async function drawContactSheet({ heading, pictures, columns, legend }: ContactSheet): Promise<RgbImage> {
  const canvas = await loadCanvas();
  const measure = textMeasure(canvas);
  const thumbnails = pictures.map(({ image }) => image);
  const { width: bare } = layOutSheet(thumbnails, columns, { width: 0, height: 0 });
  const key = legend.length === 0 ? undefined : layOutKey(measure, legend, bare - 2 * MARGIN);
  const layout = layOutSheet(thumbnails, columns, key ?? { width: 0, height: 0 });
  const sheet = blankImage(layout.width, layout.height, WHITE);
  const write = textWriter(canvas, measure, sheet);
  const title = fitText(measure, measure.shown(heading), HEADING_SIZE, layout.width - 2 * MARGIN - HEADING_SIZE);
  write(title, HEADING_SIZE, MARGIN, layout.headingTop);
  if (key !== undefined) await drawLegend(canvas, key, 1, sheet, MARGIN, layout.legendTop);
  const room = layout.captionWidth - FONT_SIZE;
  pictures.forEach(({ image, title: name, note, warning }, i) => {
    const place = layout.places[i];
    if (place === undefined) return;
    pastePicture(sheet, image, place.x, place.y);
    write(fitEnd(measure, measure.shown(name), FONT_SIZE, room), FONT_SIZE, place.x, place.titleTop);
    const text = fitText(measure, measure.shown(note), FONT_SIZE, room);
    write(text, FONT_SIZE, place.x, place.noteTop, warning ? WARNING : WHITE);
  });
  return sheet;
}

/** As few rows as the width allows. */
function layOutKey(measure: MeasureText, legend: readonly LegendEntry[], width: number): LegendLayout {
  const one = layOutLegend(measure, legend, FONT_SIZE, { rows: legend.length, width });
  const perRow = Math.floor((width - 2 * one.padding + FONT_SIZE) / (one.columnWidth + FONT_SIZE));
  const rows = Math.min(MOST_LEGEND_ROWS, Math.ceil(legend.length / Math.max(1, perRow)));
  return layOutLegend(measure, legend, FONT_SIZE, { rows, width });
}

/** `text` cut at its front so that it is at most `limit` pixels wide. */
function fitEnd(measure: MeasureText, text: string, fontSize: number, limit: number): string {
  const mirrored = (letters: string) => [...letters].reverse().join('');
  return mirrored(fitText((letters, size) => measure(mirrored(letters), size), mirrored(text), fontSize, limit));
}

function textWriter(canvas: CanvasPackage, measure: MeasureText, sheet: RgbImage) {
  return (text: string, fontSize: number, x: number, y: number, background: Rgb = WHITE) => {
    if (text === '') return;
    pasteTile(sheet, drawTag(canvas, text, fontSize, tagSize(measure, text, fontSize), background), x, y);
  };
}

function pastePicture(sheet: RgbImage, { data, width, height }: RgbImage, x: number, y: number): void {
  for (let row = 0; row < height; row++) {
    sheet.data.set(data.subarray(row * width * 3, (row + 1) * width * 3), ((y + row) * sheet.width + x) * 3);
  }
}
