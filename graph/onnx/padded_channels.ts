/** Convolutions in the form that ONNX Runtime's WebGPU kernels calculate rightly. */
import { type ConvAttributes, paddingOf } from '../operations/convolution.js';
import type { OnnxEmitter } from './emitter.js';

export interface ConvInputs {
  /** [N, channels, H, W]. */
  readonly x: string;
  /** [out, channels / groups, k, k]. */
  readonly weight: string;
  readonly channels: number;
}

/**
 * Input and weight of a Conv node, both with zeros as further channels where the model is for WebGPU and the kernel needs
 * them: up to version 1.30 of ONNX Runtime its convolutions there give wrong values for input channels that are multiples of
 * three and not of four (6, 9, 15, 18, 27 …), except three alone. Convolutions in groups are other kernels, and those of
 * single pixels products of matrices; both are right.
 */
export function paddedChannels(
  onnx: OnnxEmitter,
  { x, weight, channels }: ConvInputs,
  attributes: Pick<ConvAttributes, 'kernel' | 'stride' | 'pad' | 'groups'>,
): [x: string, weight: string] {
  const { kernel, stride, groups } = attributes;
  const product = kernel === 1 && stride === 1 && paddingOf(attributes).every((rows) => rows === 0);
  const wrong = channels > 3 && channels % 3 === 0 && channels % 4 !== 0;
  if (!onnx.forWebgpu || !wrong || groups > 1 || product) return [x, weight];
  const pads = onnx.integers(0, 0, 0, 0, 0, 4 - (channels % 4), 0, 0);
  return [onnx.node('Pad', [x, pads]), onnx.node('Pad', [weight, pads])];
}
