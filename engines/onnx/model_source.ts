/** A whole file in memory, or the path of one whose weights lie beside it. */
export type ModelSource = string | Uint8Array<ArrayBuffer>;

/** Of tensors that lie beside the model; smaller ones (shapes, scales, biases) stay in it. */
export const EXTERNAL_LEAST_BYTES = 16 * 1024;
