/** Channels that ONNX Runtime's convolutions on WebGPU can take. */
import type { OnnxEmitter } from './emitter.js';

/**
 * Input and weight of a convolution without groups, both with zeros as further channels where the device asks for them: up
 * to version 1.30, ONNX Runtime's convolutions on WebGPU give wrong values for multiples of three that are not multiples of
 * four (6, 9, 15, 18, 27 …; three alone are right). Those of single pixels at stride 1 are products of matrices, and right.
 * @param weight [out, channels, k, k].
 */
export function inputChannels(onnx: OnnxEmitter, x: string, weight: string, channels: number): [string, string] {
  if (!onnx.forWebgpu || channels === 3 || channels % 3 !== 0 || channels % 4 === 0) return [x, weight];
  const pads = onnx.integers(0, 0, 0, 0, 0, 4 - (channels % 4), 0, 0);
  return [onnx.node('Pad', [x, pads]), onnx.node('Pad', [weight, pads])];
}
