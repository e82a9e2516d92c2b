/** A box with what is around it, cut out of its picture. */
import type { RgbImage } from '../../core/frame.js';
import type { CocoBbox } from '../../evaluation/coco_records.js';
import { escapeHtml } from './html.js';
import { jpegDataUri } from './picture_overlay.js';

/** Pixels of the longer side, as stored. */
const LONGEST = 240;
/** A small box is shown with at least so much around it, in pixels of the picture. */
const SMALLEST = 48;

/** The box twice as large as it is, as SVG with the box in it. @param colour of the box. */
export async function cropSvg(
  image: RgbImage,
  [x, y, w, h]: CocoBbox,
  colour: string,
  alternative: string,
): Promise<string> {
  const side = Math.max(SMALLEST, 2 * Math.max(w, h));
  const [centreX, centreY] = [x + w / 2, y + h / 2];
  const edge = (value: number, limit: number) => Math.round(Math.min(Math.max(value, 0), limit));
  const left = edge(centreX - side / 2, image.width - 1);
  const top = edge(centreY - side / 2, image.height - 1);
  const right = Math.max(left + 1, edge(centreX + side / 2, image.width));
  const bottom = Math.max(top + 1, edge(centreY + side / 2, image.height));
  const cut = cutOut(image, left, top, right - left, bottom - top);
  const uri = await jpegDataUri(cut, LONGEST);
  const line = Math.max(cut.width, cut.height) / 90;
  const values = [x - left, y - top, w, h, line].map((value) => Math.round(value * 10) / 10);
  const [boxX, boxY, width, height, stroke] = values;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${cut.width} ${cut.height}" role="img" aria-label="${escapeHtml(alternative)}"><image href="${uri}" width="${cut.width}" height="${cut.height}"/><rect x="${boxX}" y="${boxY}" width="${width}" height="${height}" fill="none" stroke="${colour}" stroke-width="${stroke}"/></svg>`;
}

function cutOut({ data, width }: RgbImage, left: number, top: number, columns: number, rows: number): RgbImage {
  const cut = new Uint8Array(columns * rows * 3);
  for (let row = 0; row < rows; row++) {
    const from = ((top + row) * width + left) * 3;
    cut.set(data.subarray(from, from + columns * 3), row * columns * 3);
  }
  return { data: cut, width: columns, height: rows };
}
