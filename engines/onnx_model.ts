import { LowformerError } from '../core/errors.js';

/** An ONNX file whose length is known before its bytes are made. */
export interface OnnxModel {
  readonly byteLength: number;
  /** The file's bytes in order. A chunk is read before the next one is asked for. */
  chunks(): Iterable<Uint8Array>;
}

/** The model in a file that was read whole. */
export function onnxModel(bytes: Uint8Array): OnnxModel {
  return { byteLength: bytes.length, chunks: () => [bytes] };
}

/** Bytes that are no ONNX file. */
export function malformedModel(reason: string): LowformerError {
  const hint = `It cannot be read: ${reason}`;
  return new LowformerError({ code: 'engine-failure', where: 'onnxruntime', expected: 'an ONNX model', hint });
}
