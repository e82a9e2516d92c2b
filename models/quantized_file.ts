/** Quantized models on disk. */
import { createHash } from 'node:crypto';
import { readRegularFile } from '../files/regular_file.js';
import { trailingMetadata } from '../graph/onnx/model_facts.js';
import { quantizedForm } from '../graph/onnx/quantized_values.js';
import { type OnnxFile, writeOnnx } from '../graph/onnx/write.js';
import type { QuantizedNetwork } from '../graph/quantization/quantization.js';
import type { InputSizes } from '../tasks/deploy.js';
import type { OpenedConfig } from './opened_config.js';
import {
  CONFIG_KEY,
  checkQuantizedModel,
  DIGEST_KEY,
  readQuantizedModel,
  SIZE_DIVISOR_KEY,
  storedConfig,
} from './quantized_model.js';

export interface QuantizedFileOptions {
  readonly opened: OpenedConfig;
  readonly producerVersion: string;
  /** Of `QuantizedModel`. */
  readonly sizeDivisor: number;
  /** Further lines, for whoever runs the file elsewhere. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The file of a quantized network: an ONNX model with its config, and a digest at its end. */
export function quantizedFile(
  { quantization, ...network }: QuantizedNetwork,
  { opened, producerVersion, sizeDivisor, metadata }: QuantizedFileOptions,
): OnnxFile {
  const file = writeOnnx(network, {
    form: quantizedForm(quantization),
    producerVersion,
    metadata: {
      ...metadata,
      [SIZE_DIVISOR_KEY]: String(sizeDivisor),
      [CONFIG_KEY]: JSON.stringify(storedConfig(opened)),
    },
  });
  const digestLength = trailingMetadata(DIGEST_KEY, '0'.repeat(64)).length;
  return {
    byteLength: file.byteLength + digestLength,
    *chunks() {
      const hash = createHash('sha256');
      for (const chunk of file.chunks()) {
        hash.update(chunk);
        yield chunk;
      }
      yield trailingMetadata(DIGEST_KEY, hash.digest('hex'));
    },
  };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/**
 * The config of a quantized model's file, with the file as `load_from`.
 * @param path absolute. @param id what messages call the file.
 * @throws {LowformerError} as `readQuantizedModel`; `unreadable-file`.
 */
export async function quantizedConfig(path: string, id: string): Promise<object> {
  const { config } = await readQuantizedModel(id, await readModel(path, id), sha256);
  return { ...config, load_from: path };
}

/**
 * The bytes of a quantized model, for a config that is to run it on inputs of some sizes.
 * @throws {LowformerError} as `readQuantizedModel` and `checkQuantizedModel`; `unreadable-file`.
 */
export async function openQuantizedFile(path: string, given: OpenedConfig, inputs: InputSizes): Promise<Uint8Array> {
  const bytes = await readModel(path, path);
  await checkQuantizedModel(await readQuantizedModel(path, bytes, sha256), given, inputs);
  return bytes;
}

function readModel(path: string, name: string): Promise<Uint8Array> {
  return readRegularFile(path, { expected: 'a quantized model', name });
}
