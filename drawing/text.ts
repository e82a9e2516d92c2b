import { type CanvasPackage, familyList } from './canvas.js';
import { shownText } from './letters.js';
import { type Rgb, textColour } from './palette.js';
import type { RgbaTile } from './raster.js';

/** Inter's capital height in ems: text is centred by its capitals, not by the font's own line. */
export const CAPITAL_HEIGHT = 0.727;

/** The width of text in pixels, in the shipped font and those that stand in for it. */
export type TextWidth = (text: string, fontSize: number) => number;

export interface MeasureText extends TextWidth {
  /** `shownText`: the text with something in the place of letters that no font has. */
  readonly shown: (text: string, classIndex?: number) => string;
}

export function textMeasure(canvas: CanvasPackage): MeasureText {
  const context = canvas.createCanvas(1, 1).getContext('2d');
  const width: TextWidth = (text, fontSize) => {
    context.font = cssFont(canvas, fontSize);
    return context.measureText(text).width;
  };
  return Object.assign(width, {
    shown: (text: string, classIndex?: number) => shownText(canvas, text, classIndex),
  });
}

/** The `font` property of a canvas. */
export function cssFont(canvas: CanvasPackage, fontSize: number): string {
  return `${fontSize}px ${familyList(canvas)}`;
}

export function cssColour([r, g, b]: Rgb, alpha = 1): string {
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

/** `text` cut with an ellipsis so that it is at most `limit` pixels wide; empty where not even that fits. */
export function fitText(measure: TextWidth, text: string, fontSize: number, limit: number): string {
  // no name of thousands of letters needs to be measured whole
  const letters = [...text.slice(0, 400)];
  if (text.length <= 400 && measure(text, fontSize) <= limit) return text;
  let [fits, tooLong] = [0, letters.length + 1];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (measure(`${letters.slice(0, middle).join('')}…`, fontSize) <= limit) fits = middle;
    else tooLong = middle;
  }
  return fits === 0 ? '' : `${letters.slice(0, fits).join('').trimEnd()}…`;
}

/** Pixels of a tag around `text`. */
export function tagSize(measure: MeasureText, text: string, fontSize: number): { width: number; height: number } {
  return {
    width: Math.ceil(measure(text, fontSize) + 2 * tagPadding(fontSize)),
    height: Math.round(fontSize * 1.4),
  };
}

/** Text on a filled rectangle, opaque, in black or white. */
export function drawTag(
  canvas: CanvasPackage,
  text: string,
  fontSize: number,
  { width, height }: { readonly width: number; readonly height: number },
  background: Rgb,
): RgbaTile {
  const context = canvas.createCanvas(width, height).getContext('2d');
  context.fillStyle = cssColour(background);
  context.fillRect(0, 0, width, height);
  context.font = cssFont(canvas, fontSize);
  context.fillStyle = cssColour(textColour(background));
  context.fillText(text, tagPadding(fontSize), (height + CAPITAL_HEIGHT * fontSize) / 2);
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}

function tagPadding(fontSize: number): number {
  return Math.max(2, Math.round(fontSize * 0.3));
}
