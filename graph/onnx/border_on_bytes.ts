/** The border of convolutions that were made one, where their result is bytes. */
import { corrections, END, sidesOf, sliced, type Taps } from './border.js';
import type { OnnxEmitter } from './emitter.js';

/** A border's correction on a map of bytes. */
export interface BytesWithBorder {
  /** The map, bytes. */
  readonly map: string;
  /** The ring, numbers. */
  readonly ring: string;
  readonly taps: Taps;
  /** '' where the first convolution has none. */
  readonly bias: string;
  /** Bytes to numbers and back, in the map's code. */
  readonly numbers: (bytes: string) => string;
  readonly bytes: (numbers: string) => string;
}

/** The outermost lines alone become numbers. One line after the other, as the first is the last in a map that has one. */
export function borderOnBytes(onnx: OnnxEmitter, { map, ring, taps, bias, numbers, bytes }: BytesWithBorder): string {
  const { rows, columns } = corrections(onnx, ring, sidesOf(onnx, map), taps, bias);
  const subtracted = (from: string, correction: string, axis: number, first: boolean): string => {
    const [line, rest] = first
      ? [sliced(onnx, from, axis, 0, 1), sliced(onnx, from, axis, 1, END)]
      : [sliced(onnx, from, axis, -1, END), sliced(onnx, from, axis, 0, -1)];
    const corrected = bytes(onnx.node('Sub', [numbers(line), correction]));
    return onnx.node('Concat', first ? [corrected, rest] : [rest, corrected], { axis });
  };
  return [
    { axis: 2, pair: rows },
    { axis: 3, pair: columns },
  ].reduce(
    (so, { axis, pair: [first, last] }) => subtracted(subtracted(so, first, axis, true), last, axis, false),
    map,
  );
}
