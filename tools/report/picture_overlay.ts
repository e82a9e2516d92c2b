/** Pictures in a report: small JPEGs inside the page, with boxes drawn over them as SVG, sharp at any size. */
import type { RgbImage, Size } from '../../core/frame.js';
import type { CocoBbox } from '../../evaluation/coco_records.js';
import { loadSharp } from '../../images/load_sharp.js';
import { escapeHtml } from './html.js';

/** Longest side in pixels: a dozen pictures stay near one megabyte. */
const LONGEST = 720;

export async function jpegDataUri({ data, width, height }: RgbImage): Promise<string> {
  const sharp = await loadSharp();
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .resize({ width: LONGEST, height: LONGEST, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 78 })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
}

export interface OverlayBox {
  readonly box: CocoBbox;
  readonly colour: string;
  readonly dashed: boolean;
  /** Beside the box. */
  readonly label: string;
  /** What happened, shown when the pointer rests on the box. */
  readonly title: string;
}

/** @param picture a data URI; without it the boxes stand on an empty ground. */
export function overlaySvg(
  { width, height }: Size,
  picture: string | undefined,
  boxes: readonly OverlayBox[],
  alternative: string,
): string {
  const unit = Math.max(width, height) / 100;
  const image = picture === undefined ? '' : `<image href="${picture}" width="${width}" height="${height}"/>`;
  const drawn = boxes.map(({ box: [x, y, w, h], colour, dashed, label, title }) => {
    const dash = dashed ? ` stroke-dasharray="${round(unit * 1.2)} ${round(unit * 0.8)}"` : '';
    const rect = `<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" fill="none" pointer-events="all" stroke="${colour}" stroke-width="${round(unit * 0.5)}"${dash}/>`;
    const [tx, ty] = [Math.max(unit * 0.3, x), Math.max(unit * 2.6, y - unit * 0.6)];
    const text =
      label === ''
        ? ''
        : `<text x="${round(tx)}" y="${round(ty)}" font-size="${round(unit * 2.4)}" fill="#fff" stroke="#000" stroke-width="${round(unit * 0.5)}" paint-order="stroke" font-family="system-ui, sans-serif">${escapeHtml(label)}</text>`;
    return `<g><title>${escapeHtml(title)}</title>${rect}${text}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(alternative)}">${image}${drawn.join('')}</svg>`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
