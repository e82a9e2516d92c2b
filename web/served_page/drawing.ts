/** Boxes over a picture: drawn in the page, so that the slider needs no second answer. */
import { picture } from './elements.js';
import type { Row } from './rows.js';

/** Canvases beyond are slow on phones. */
const MOST_SIDE = 2048;

export interface Drawn {
  /** Of the picture that the boxes are of, in pixels. */
  readonly width: number;
  readonly height: number;
  /** What is drawn under them; undefined where this browser cannot show it. */
  readonly image: ImageBitmap | undefined;
  readonly rows: readonly Row[];
  readonly pointed: Row['box'];
  readonly colourOf: (row: Row) => string;
}

type Box = NonNullable<Row['box']>;
interface BoxedRow extends Row {
  readonly box: Box;
}

/** Draws all of it anew. */
export function draw({ width, height, image, rows, pointed, colourOf }: Drawn): void {
  const context = picture.getContext('2d');
  if (context === null) return;
  const scale = Math.min(1, MOST_SIDE / Math.max(width, height));
  picture.width = Math.max(1, Math.round(width * scale));
  picture.height = Math.max(1, Math.round(height * scale));
  picture.style.setProperty('--ratio', String(picture.width / picture.height));
  if (image === undefined) {
    context.fillStyle = '#888';
    context.fillRect(0, 0, picture.width, picture.height);
  } else context.drawImage(image, 0, 0, picture.width, picture.height);
  // Lines and letters as large as the page shows them, whatever the picture's size.
  const unit = picture.width / (picture.clientWidth || picture.width);
  // The best are on top, and no line runs through a name.
  const boxed = rows.filter((row): row is BoxedRow => row.box !== undefined).toReversed();
  for (const row of boxed) {
    const [x, y, boxWidth, boxHeight] = row.box;
    context.strokeStyle = colourOf(row);
    context.lineWidth = (pointed === row.box ? 5 : 2) * unit;
    context.strokeRect(x * scale, y * scale, boxWidth * scale, boxHeight * scale);
  }
  for (const row of boxed) drawName(context, row, { scale, unit, colour: colourOf(row) });
}

function drawName(
  context: CanvasRenderingContext2D,
  { category, value, box: [boxX, boxY] }: BoxedRow,
  { scale, unit, colour }: { readonly scale: number; readonly unit: number; readonly colour: string },
): void {
  const [x, y] = [boxX * scale, boxY * scale];
  const letters = (picture.clientWidth < 500 ? 10 : 13) * unit;
  const text = `${category} ${value}`;
  context.font = `500 ${letters}px system-ui, sans-serif`;
  const [tagWidth, tagHeight] = [context.measureText(text).width + 8 * unit, 1.45 * letters];
  const left = Math.max(0, Math.min(x - unit, picture.width - tagWidth));
  const top = y >= tagHeight ? y - tagHeight : y;
  context.fillStyle = colour;
  context.fillRect(left, top, tagWidth, tagHeight);
  context.fillStyle = isLight(colour) ? '#000' : '#fff';
  context.textBaseline = 'middle';
  context.fillText(text, left + 4 * unit, top + tagHeight / 2);
}

/** Whether black stands out more than white: at a relative luminance of 0.179 both have the same contrast (WCAG 2.2). */
function isLight(colour: string): boolean {
  const linear = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5) > 0.179;
}
