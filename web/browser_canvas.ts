import { type CanvasPackage, LABEL_FONT } from '../drawing/canvas.js';
import { context } from './canvas_context.js';

/** The browser's canvas in the form of the `canvas` package. */
const browserCanvas: CanvasPackage = {
  createCanvas: (width, height) => ({ getContext: () => context(new OffscreenCanvas(width, height)) }),
};

/**
 * The canvas that `drawBoxes` and `drawClasses` ask for, as a page has it.
 * @param font address of the letters' font, such as that of `lowformer/assets/fonts/Inter-Medium-subset.ttf`; without
 *   one, and where it cannot be had, the page's sans-serif serves.
 */
export async function loadBrowserCanvas(font?: string | URL): Promise<CanvasPackage> {
  if (font === undefined) return browserCanvas;
  const loaded = await new FontFace(LABEL_FONT, `url(${String(font)})`).load().catch(() => undefined);
  if (loaded !== undefined) document.fonts.add(loaded);
  return browserCanvas;
}
