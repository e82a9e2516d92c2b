/** What a network may be written in. Its inputs and outputs are float32 either way. */
export const ONNX_PRECISIONS = ['float32', 'float16'] as const;

export type OnnxPrecision = (typeof ONNX_PRECISIONS)[number];

/** What a network may calculate in: an engine that has bfloat16 rounds to it itself, from what was written in float32. */
export const PRECISIONS = [...ONNX_PRECISIONS, 'bfloat16'] as const;

export type Precision = (typeof PRECISIONS)[number];

/** What a network is written in that is to calculate in a precision. */
export function writtenPrecision(precision: Precision): OnnxPrecision {
  return precision === 'bfloat16' ? 'float32' : precision;
}
