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

/**
 * The file in one array.
 * @throws {LowformerError} `engine-failure` when its chunks are more or fewer bytes than `byteLength`.
 */
export function wholeModel({ byteLength, chunks }: OnnxModel): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for (const chunk of chunks()) {
    if (at + chunk.length > byteLength) throw malformedModel(`more than the ${byteLength} bytes that were announced`);
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at < byteLength) throw malformedModel(`${at} bytes where ${byteLength} were announced`);
  return bytes;
}

/** Bytes that are no ONNX file. */
export function malformedModel(reason: string): LowformerError {
  const hint = `It cannot be read: ${reason}`;
  return new LowformerError({ code: 'engine-failure', where: 'model', expected: 'an ONNX model', hint });
}
