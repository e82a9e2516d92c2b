/** Quantized models in a browser: files that hold a config and a network in one. */
import { type QuantizedModelFile, readQuantizedModel } from '../models/quantized_model.js';

/**
 * What a quantized model's file says of itself.
 * @throws {LowformerError} as `readQuantizedModel`.
 */
export function quantizedModelOf(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<QuantizedModelFile> {
  return readQuantizedModel(name, bytes, sha256);
}

/** A quantized model that a page was given, as a config. @throws {LowformerError} as `readQuantizedModel`. */
export async function quantizedConfigOf(name: string, blob: Blob): Promise<Readonly<Record<string, unknown>>> {
  return (await quantizedModelOf(name, new Uint8Array(await blob.arrayBuffer()))).config;
}

/** undefined over plain http, where browsers do not calculate it. */
async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  if (crypto.subtle === undefined) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
