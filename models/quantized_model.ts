/** What a quantized model's file says of itself: its config, and a digest of all the rest. No Node API. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { Graph } from '../graph/graph.js';
import { modelFacts } from '../graph/onnx/model_facts.js';
import type { ConfigObject, ConfigValue } from '../registry/config_tree.js';
import type { OpenedConfig } from './opened_config.js';

/** Keys of its metadata. */
export const CONFIG_KEY = 'lowformer_config';
export const DIGEST_KEY = 'lowformer_sha256';

/** Whether a checkpoint's name is that of a model, which runs as it is, and of no weights. */
export function isModelFile(checkpoint: string): boolean {
  return /\.onnx$/i.test(checkpoint);
}

export interface QuantizedModelFile {
  /** As resolved when the file was written. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Reads what a quantized model's file says of itself.
 * @param name of the file, for messages.
 * @param sha256 of bytes, in hexadecimal digits.
 * @throws {LowformerError} `unreadable-checkpoint` for a file that `quantize` did not write, or that is not as it was
 *   written.
 */
export async function readQuantizedModel(
  name: string,
  bytes: Uint8Array,
  sha256: (bytes: Uint8Array) => string | Promise<string>,
): Promise<QuantizedModelFile> {
  const facts = modelFacts(bytes);
  if (facts === undefined || bytes.length === 0) throw unreadable(name, 'no ONNX file', 'Copy or download it again.');
  const config = facts.metadata.get(CONFIG_KEY);
  const digest = facts.metadata.get(DIGEST_KEY);
  if (config === undefined || digest === undefined) {
    const hint = `Other models hold no config, and their weights are not taken apart: give the checkpoint that it was made from.`;
    throw unreadable(name, 'another ONNX file', hint);
  }
  if ((await sha256(bytes.subarray(0, facts.lastField))) !== digest) {
    throw unreadable(name, 'one that was changed since, or cut off', 'Quantize again, or copy the file again.');
  }
  return { config: z.record(z.string(), z.unknown()).parse(JSON.parse(config)) };
}

function unreadable(where: string, received: string, hint: string): LowformerError {
  const expected = "a model as 'lowformer quantize' wrote it";
  return new LowformerError({ code: 'unreadable-checkpoint', where, expected, received, hint });
}

/**
 * A config as a quantized model's file holds it: less what concerns training, and where its weights lay.
 * @throws {LowformerError} `invalid-config` for a number that JSON has not.
 */
export function storedConfig({ config, unused }: Pick<OpenedConfig, 'config' | 'unused'>): ConfigObject {
  const left = new Set([...unused, 'load_from']);
  const kept = Object.entries(config.value).filter(([key]) => !left.has(key));
  for (const [key, value] of kept) checkFinite(value, key);
  return Object.fromEntries(kept);
}

function checkFinite(value: ConfigValue, where: string): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) checkFinite(inner, `${where}.${key}`);
  } else if (typeof value === 'number' && !Number.isFinite(value)) {
    const hint = 'Write a large finite one, such as 1e8, or null.';
    throw new LowformerError({
      code: 'invalid-config',
      where,
      expected: 'a finite number',
      received: String(value),
      hint,
    });
  }
}

/**
 * @param own the config that the file holds. @param given what is to run it.
 * @throws {LowformerError} `checkpoint-mismatch` where a given config's network, or how it takes pictures, is not the file's.
 */
export function checkSameNetwork(name: string, own: OpenedConfig, given: OpenedConfig): void {
  const differing =
    networkText(own.model.graph) !== networkText(given.model.graph)
      ? 'another network'
      : JSON.stringify(own.model.preprocessor) !== JSON.stringify(given.model.preprocessor)
        ? 'another data_preprocessor'
        : undefined;
  if (differing === undefined) return;
  throw new LowformerError({
    code: 'checkpoint-mismatch',
    where: name,
    expected: 'a config of the network that was quantized',
    received: differing,
    hint: 'The file is a config and its weights in one: name it in place of the config.',
  });
}

function networkText({ inputs, outputs, nodes, parameters }: Graph): string {
  // JSON has no infinity.
  const plain = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return JSON.stringify({ inputs, outputs, nodes, parameters: [...parameters.values()] }, plain);
}
