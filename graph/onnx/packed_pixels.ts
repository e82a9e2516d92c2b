import { PACKED_VALUES, type PackedPixelsAttributes } from '../operations/packed_pixels.js';
import type { OnnxEmitter } from './emitter.js';
import { FLOAT, INT32 } from './proto.js';

/**
 * The place of a pixel's channel i in the table is 256 * (t - min(floor(t), 2^(16 - 8i) - 1)) rounded down, t being the pixel over 2^(8i + 8):
 * the byte, or 256 for 2^24. ONNX Runtime has no remainder on WebGPU, and its divisions are not exact there; a Cast knows no bytes.
 */
export function unpackPixels({
  onnx,
  inputs: [x = ''],
  attributes: { values },
}: {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: PackedPixelsAttributes;
}): string {
  const constant = (name: string, dims: readonly number[], numbers: Float32Array | Int32Array) =>
    onnx.constant({
      name: `pixels/${name}`,
      dims,
      dataType: numbers instanceof Int32Array ? INT32 : FLOAT,
      rawData: new Uint8Array(numbers.buffer),
    });
  const perChannel = (name: string, of: (channel: number) => number) =>
    constant(name, [3, 1, 1], Float32Array.from([0, 1, 2], of));
  const shares = onnx.node('Mul', [onnx.widen(x), perChannel('shares', (i) => 2 ** (-8 * i - 8))]);
  const most = perChannel('most', (i) => 2 ** (16 - 8 * i) - 1);
  const wholes = onnx.node('Min', [onnx.node('Floor', [shares]), most]);
  const bytes = onnx.node('Mul', [onnx.node('Sub', [shares, wholes]), onnx.vector(256)]);
  // What is left of the other bytes goes first: a sum would round it up.
  const whole = onnx.node('Cast', [bytes], { to: INT32 });
  const starts = constant(
    'starts',
    [3, 1, 1],
    Int32Array.from([0, 1, 2], (i) => i * PACKED_VALUES),
  );
  const table = onnx.narrow(constant('values', [values.length], Float32Array.from(values)));
  return onnx.node('Gather', [table, onnx.node('Add', [whole, starts])], { axis: 0 });
}
