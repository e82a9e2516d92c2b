/** Tensors as the protocol tells them: a name, a data type, a shape, values in row-major order. */

/** Those of the protocol's data types that are spoken here. */
export type Datatype = 'BYTES' | 'FP32' | 'INT64' | 'UINT8' | 'UINT16';

/** What metadata tells of a tensor. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 where a size is the request's to choose, or follows from what is found. */
  readonly shape: readonly number[];
}

export type TensorValues = Float32Array | BigInt64Array | Uint8Array | Uint16Array;

/** One of an answer. */
export interface OutputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** As many as the shape has places. */
  readonly values: TensorValues;
}

export function datatypeOf(values: TensorValues): Datatype {
  if (values instanceof Float32Array) return 'FP32';
  if (values instanceof BigInt64Array) return 'INT64';
  return values instanceof Uint16Array ? 'UINT16' : 'UINT8';
}
