/** Pictures in a report: small JPEGs inside the page, with boxes drawn over them as SVG, sharp at any size. */
import type { RgbImage, Size } from '../../core/frame.js';
import { type PlacedTag, placeTags, type TagForm } from '../../drawing/tag_layout.js';
import type { CocoBbox } from '../../evaluation/coco_records.js';
import { loadSharp } from '../../images/load_sharp.js';
import { escapeHtml } from './html.js';

/** Longest side in pixels: a dozen pictures stay near one megabyte. */
const LONGEST = 720;
const FONT_SIZE = 20;

export async function jpegDataUri({ data, width, height }: RgbImage, longest = LONGEST): Promise<string> {
  const sharp = await loadSharp();
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 78 })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
}

export interface OverlayBox {
  /** In pixels of the picture. */
  readonly box: CocoBbox;
  readonly colour: string;
  readonly dashed: boolean;
  /** Beside the box, the fullest form first; none for a box without a label. */
  readonly labels: readonly string[];
  /** What happened, shown when the pointer rests on the box. */
  readonly title: string;
}

/**
 * Labels lie inside the picture and do not cover one another: the first boxes of the list have their choice, and a label
 * for which no form has room is left to the title.
 * @param picture a data URI; without it the boxes stand on an empty ground.
 */
export function overlaySvg(
  size: Size,
  picture: string | undefined,
  boxes: readonly OverlayBox[],
  alternative: string,
): string {
  const scale = LONGEST / Math.max(size.width, size.height);
  const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)];
  const image = picture === undefined ? '' : `<image href="${picture}" width="${width}" height="${height}"/>`;
  const scaled = boxes.map((box) => ({ ...box, outline: outlineOf(box.box, scale, { width, height }) }));
  const rects = scaled.map(({ outline: [x1, y1, x2, y2], colour, dashed, title, labels }) => {
    const dash = dashed ? ' stroke-dasharray="8 5"' : '';
    const line = labels.length === 0 ? 2.5 : 4;
    return `<rect x="${round(x1)}" y="${round(y1)}" width="${round(x2 - x1)}" height="${round(y2 - y1)}" fill="none" pointer-events="all" stroke="${colour}" stroke-width="${line}"${dash}><title>${escapeHtml(title)}</title></rect>`;
  });
  const labelled = scaled.filter(({ labels }) => labels.length > 0);
  const tags = placeTags(
    { width, height },
    labelled.map(({ outline, labels }) => ({ outline, forms: labels.map(tagForm) })),
  );
  const kept: PlacedTag[] = [];
  const texts = tags.map((tag, i) => {
    if (tag === undefined || kept.some((other) => overlap(tag, other))) return '';
    kept.push(tag);
    return drawnTag(tag, labelled[i]?.colour ?? '#fff');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(alternative)}">${image}${rects.join('')}${texts.join('')}</svg>`;
}

/** Edges, cut to the picture. */
function outlineOf([x, y, w, h]: CocoBbox, scale: number, { width, height }: Size) {
  const within = (value: number, limit: number) => Math.min(Math.max(value * scale, 1), limit - 1);
  return [within(x, width), within(y, height), within(x + w, width), within(y + h, height)] as const;
}

function tagForm(text: string): TagForm {
  return { text, fontSize: FONT_SIZE, width: Math.ceil(textWidth(text) * FONT_SIZE) + 8, height: FONT_SIZE + 4 };
}

/** In heights of a line, for the usual sans-serif fonts; the drawn text is fitted to it. */
function textWidth(text: string): number {
  let width = 0;
  for (const letter of text) {
    if (/[ijlI.,:;|!'()[\] ]/.test(letter)) width += 0.32;
    else if (/[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uff60\u{10000}-\u{10ffff}]/u.test(letter)) width += 1;
    else width += /[A-Zmw@%→]/.test(letter) ? 0.72 : 0.57;
  }
  return width;
}

function overlap(a: PlacedTag, b: PlacedTag): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function drawnTag({ x, y, width, height, text }: PlacedTag, colour: string) {
  const rect = `<rect x="${round(x)}" y="${round(y)}" width="${width}" height="${height}" fill="${colour}" pointer-events="none"/>`;
  return `${rect}<text x="${round(x + 4)}" y="${round(y + FONT_SIZE * 0.95)}" textLength="${width - 8}" lengthAdjust="spacingAndGlyphs" font-size="${FONT_SIZE}" fill="#000" pointer-events="none" font-family="system-ui, sans-serif">${escapeHtml(text)}</text>`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
