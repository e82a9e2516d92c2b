import type { RgbImage, Size } from '../core/frame.js';
import type { CanvasPackage } from './canvas.js';
import { BLACK, type Rgb, WHITE } from './palette.js';
import { byRows, pasteTile } from './raster.js';
import { CAPITAL_HEIGHT, cssColour, cssFont, fitText, type MeasureText } from './text.js';

export interface LegendEntry {
  readonly name: string;
  /** From 0: it stands for a name whose letters cannot be drawn. */
  readonly classIndex?: number;
  /** `34.1 %`. */
  readonly share: string;
  readonly colour: Rgb;
}

/** Where everything of a legend goes, in pixels. */
export interface LegendLayout extends Size {
  readonly fontSize: number;
  readonly rows: number;
  readonly columns: number;
  readonly columnWidth: number;
  readonly rowHeight: number;
  readonly padding: number;
  readonly entries: readonly LegendEntry[];
  /** `and 12 more`, in the last place, when not every entry has one. */
  readonly more: string | undefined;
}

/** The most that a legend may take: rows, and the width of the columns together. */
export interface LegendRoom {
  readonly rows: number;
  readonly width: number;
}

/** Sets the entries column by column. At least one row of one column is used, however little room there is. */
export function layOutLegend(
  measure: MeasureText,
  entries: readonly LegendEntry[],
  fontSize: number,
  room: LegendRoom,
): LegendLayout {
  const rowHeight = Math.round(fontSize * 1.5);
  const padding = Math.round(fontSize * 0.8);
  const named = entries.map((entry) => ({
    ...entry,
    name: fitText(measure, measure.shown(entry.name, entry.classIndex), fontSize, 14 * fontSize),
  }));
  const widest = (texts: readonly string[]) =>
    texts.reduce((width, text) => Math.max(width, measure(text, fontSize)), 0);
  const columnWidth = Math.ceil(
    swatchRoom(fontSize) + widest(named.map(({ name }) => name)) + fontSize + widest(named.map(({ share }) => share)),
  );
  const mostColumns = Math.max(1, Math.floor((room.width - 2 * padding + fontSize) / (columnWidth + fontSize)));
  const columns = Math.min(mostColumns, Math.ceil(named.length / Math.max(1, room.rows)));
  const rows = Math.min(Math.max(1, room.rows), Math.ceil(named.length / columns));
  const places = rows * columns;
  const shown = named.length > places ? named.slice(0, places - 1) : named;
  return {
    width: 2 * padding + columns * columnWidth + (columns - 1) * fontSize,
    height: 2 * padding + rows * rowHeight,
    fontSize,
    rows,
    columns,
    columnWidth,
    rowHeight,
    padding,
    entries: shown,
    more: shown.length < named.length ? `and ${named.length - shown.length} more` : undefined,
  };
}

/**
 * Draws the legend into `image`, its upper left corner at (left, top): black text on white of opacity `alpha`,
 * swatches opaque, shares flush right.
 */
export async function drawLegend(
  canvas: CanvasPackage,
  layout: LegendLayout,
  alpha: number,
  image: RgbImage,
  left: number,
  top: number,
): Promise<void> {
  const { width, height, fontSize, rows, columnWidth, rowHeight, padding } = layout;
  const context = canvas.createCanvas(width, height).getContext('2d');
  context.fillStyle = cssColour(WHITE, alpha);
  context.fillRect(0, 0, width, height);
  context.font = cssFont(canvas, fontSize);
  const side = Math.round(fontSize * 0.9);
  const place = (i: number) => ({
    x: padding + Math.floor(i / rows) * (columnWidth + fontSize),
    y: padding + (i % rows) * rowHeight,
  });
  const baseline = (rowHeight + CAPITAL_HEIGHT * fontSize) / 2;
  for (const [i, { name, share, colour }] of layout.entries.entries()) {
    const { x, y } = place(i);
    context.fillStyle = cssColour(colour);
    context.fillRect(x, y + Math.round((rowHeight - side) / 2), side, side);
    context.fillStyle = cssColour(BLACK);
    context.fillText(name, x + swatchRoom(fontSize), y + baseline);
    context.fillText(share, x + columnWidth - context.measureText(share).width, y + baseline);
  }
  if (layout.more !== undefined) {
    const { x, y } = place(layout.entries.length);
    context.fillText(layout.more, x + swatchRoom(fontSize), y + baseline);
  }
  await byRows(layout, (first, end) => {
    const { data } = context.getImageData(0, first, width, end - first);
    pasteTile(image, { width, height: end - first, data }, left, top + first);
  });
}

function swatchRoom(fontSize: number): number {
  return Math.round(fontSize * 1.5);
}
