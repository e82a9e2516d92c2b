/** What drawing needs of a canvas: text is all that is drawn with one, the rest is written into the pixels. */

/** The part of the `canvas` package that drawing uses; in a page, `OffscreenCanvas` gives the same. */
export interface CanvasPackage {
  createCanvas(width: number, height: number): { getContext(kind: '2d'): Context };
  /** For letters that the label font lacks; a browser finds fonts by itself. */
  readonly fallbacks?: FallbackFonts;
}

export interface FallbackFonts {
  /** Those in use, best first. */
  readonly families: readonly string[];
  /** Takes the first of the others into use for which `has` is true; false where there is none. */
  adopt(has: (family: string) => boolean): boolean;
}

/** The part of `CanvasRenderingContext2D` that drawing uses. */
export interface Context {
  font: string;
  fillStyle: unknown;
  measureText(text: string): { readonly width: number };
  fillText(text: string, x: number, y: number): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
}

/** Gives the package with the label font registered; called when there is text to draw. */
export type LoadCanvas = () => Promise<CanvasPackage>;

/** The family under which the shipped font is registered: a name of ours, so that no installed font answers to it. */
export const LABEL_FONT = 'Lowformer Label';

/** The families that text is set in, as CSS lists them. */
export function familyList({ fallbacks }: CanvasPackage): string {
  return [LABEL_FONT, ...(fallbacks?.families ?? [])]
    .map((family) => `"${family}"`)
    .join(', ')
    .concat(', sans-serif');
}
