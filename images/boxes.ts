/** Boxes that move with the pixels under them: x1, y1, x2, y2 for each, in the float32 arithmetic of mmdet's `HorizontalBoxes`. */
import type { FlipDirection, Size } from '../core/frame.js';

/** @param scaleX of x1 and x2, new width by old. @param scaleY of y1 and y2. @returns new boxes. */
export function scaleBoxes(boxes: Float32Array, scaleX: number, scaleY: number): Float32Array {
  const [x, y] = [Math.fround(scaleX), Math.fround(scaleY)];
  return boxes.map((value, i) => value * (i % 2 === 0 ? x : y));
}

/** New boxes: `left` and `top` are pixels put before the first column and row; negative where some were cut off. */
export function shiftBoxes(boxes: Float32Array, left: number, top: number): Float32Array {
  return boxes.map((value, i) => value + (i % 2 === 0 ? left : top));
}

/** New boxes of a mirrored picture. @param size of the picture: the mirror stands in its middle. */
export function flipBoxes(boxes: Float32Array, { width, height }: Size, direction: FlipDirection): Float32Array {
  return boxes.map((value, i) => {
    const across = i % 2 === 0;
    if (direction === (across ? 'vertical' : 'horizontal')) return value;
    // x1 comes of x2, and x2 of x1.
    return (across ? width : height) - (boxes[i ^ 2] ?? 0);
  });
}

/** Every corner into the picture, its right and lower border included. A box that lay outside keeps no area. */
export function clipBoxes(boxes: Float32Array, { width, height }: Size): Float32Array {
  return boxes.map((value, i) => Math.max(0, Math.min(i % 2 === 0 ? width : height, value)));
}
