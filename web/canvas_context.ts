/** The 2D context of a canvas that is drawn on and read. */
export function context(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const found = canvas.getContext('2d', { willReadFrequently: true });
  if (found === null) throw new Error('The browser gives no canvas of this size.');
  return found;
}
