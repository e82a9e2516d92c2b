import type { DepthToSpaceAttributes, DivisorAttributes, UnshuffleAttributes } from '../operations/rearranging.js';
import type { OnnxEmitter } from './emitter.js';
import { side } from './tensors.js';

interface Context<Attributes> {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
}

/** ONNX's integer remainder has the divisor's sign: that of the negative size is what lacks. */
export function padToMultiple({ onnx, inputs: [x = ''], attributes: { divisor } }: Context<DivisorAttributes>): string {
  const sides = onnx.node('Shape', [x], { start: 2, end: 4 });
  const lacking = onnx.node('Mod', [onnx.node('Neg', [sides]), onnx.integers(divisor)]);
  return onnx.node('Pad', [x, onnx.node('Concat', [onnx.integers(0, 0, 0, 0, 0, 0), lacking], { axis: 0 })]);
}

export function pixelUnshuffle({
  onnx,
  inputs: [x = ''],
  attributes: { factor, order },
  channels,
}: Context<UnshuffleAttributes> & { readonly channels: number }): string {
  const count = [2, 3].map((axis) => onnx.node('Div', [side(onnx, x, axis), onnx.integers(factor)]));
  const [rows = '', columns = ''] = count;
  const squares = [
    onnx.integers(0, channels / factor ** 2),
    rows,
    onnx.integers(factor),
    columns,
    onnx.integers(factor),
  ];
  const apart = onnx.node('Reshape', [x, onnx.node('Concat', squares, { axis: 0 })]);
  const perm = { channelFirst: [0, 1, 3, 5, 2, 4], columnFirst: [0, 5, 3, 1, 2, 4] }[order];
  const turned = onnx.node('Transpose', [apart], { perm });
  return onnx.node('Reshape', [turned, onnx.node('Concat', [onnx.integers(0, channels), rows, columns], { axis: 0 })]);
}

/**
 * Channels lie last meanwhile, so that whole pixels are moved: ONNX's `DepthToSpace` moves single numbers, in several times the
 * time. ONNX Runtime gives a convolution's result in this order as quickly as in its own. Ends are counted from the last row and
 * column, so that any size will do.
 */
export function depthToSpace({
  onnx,
  inputs: [x = ''],
  attributes: { factor, crop },
  channels,
}: Context<DepthToSpaceAttributes> & { readonly channels: number }): string {
  const channelsLast = onnx.node('Transpose', [x], { perm: [0, 2, 3, 1] });
  const apart = onnx.node('Reshape', [channelsLast, onnx.integers(0, 0, 0, factor, factor * channels)]);
  const turned = onnx.node('Transpose', [apart], { perm: [0, 1, 3, 2, 4] });
  const width = onnx.node('Mul', [side(onnx, apart, 2), onnx.integers(factor)]);
  const shape = onnx.node('Concat', [onnx.integers(0, -1), width, onnx.integers(channels)], { axis: 0 });
  const whole = onnx.node('Reshape', [turned, shape]);
  const [before, after] = crop;
  const end = after === 0 ? 2 ** 31 - 1 : -after;
  const cropped =
    before + after === 0
      ? whole
      : onnx.node('Slice', [whole, onnx.integers(before, before), onnx.integers(end, end), onnx.integers(1, 2)]);
  return onnx.node('Transpose', [cropped], { perm: [0, 3, 1, 2] });
}
