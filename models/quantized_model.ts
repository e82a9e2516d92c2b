/** What a quantized model's file says of itself: its config, and a digest of all the rest. No Node API. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { Graph } from '../graph/graph.js';
import { modelFacts } from '../graph/onnx/model_facts.js';
import { resolveConfig } from '../registry/config_merge.js';
import type { ConfigObject, ConfigValue } from '../registry/config_tree.js';
import { divisorOf, type InputSizes } from '../tasks/deploy.js';
import { type OpenedConfig, openedConfig } from './opened_config.js';

/** Keys of its metadata. */
export const CONFIG_KEY = 'lowformer_config';
export const DIGEST_KEY = 'lowformer_sha256';
export const SIZE_DIVISOR_KEY = 'size_divisor';

/** Whether a checkpoint's name is that of a model, which runs as it is, and of no weights. */
export function isModelFile(checkpoint: string): boolean {
  return /\.onnx$/i.test(checkpoint);
}

export interface QuantizedModelFile {
  /** For messages. */
  readonly name: string;
  /** As resolved when the file was written. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Heights and widths of inputs must be multiples of it. */
  readonly sizeDivisor: number;
}

/**
 * Reads what a quantized model's file says of itself.
 * @param name of the file, for messages.
 * @param sha256 of bytes, in hexadecimal digits; undefined where the platform does not calculate it.
 * @throws {LowformerError} `unreadable-checkpoint` for a file that `quantize` did not write, or that is not as it was
 *   written.
 */
export async function readQuantizedModel<Bytes extends Uint8Array>(
  name: string,
  bytes: Bytes,
  sha256: (bytes: Uint8Array<Bytes['buffer']>) => string | Promise<string | undefined>,
): Promise<QuantizedModelFile> {
  const facts = modelFacts(bytes);
  if (facts === undefined || bytes.length === 0) throw unreadable(name, 'no ONNX file', 'Copy or download it again.');
  const config = facts.metadata.get(CONFIG_KEY);
  const digest = facts.metadata.get(DIGEST_KEY);
  if (config === undefined || digest === undefined) {
    const hint = `Other models hold no config, and their weights are not taken apart: give the checkpoint that it was made from.`;
    throw unreadable(name, 'another ONNX file', hint);
  }
  const own = await sha256(bytes.subarray(0, facts.lastField));
  if (own !== undefined && own !== digest) {
    throw unreadable(name, 'one that was changed since, or cut off', 'Quantize again, or copy the file again.');
  }
  const tree = parsedConfig(config);
  if (tree === undefined) throw unreadable(name, 'one whose config is no JSON object', 'Quantize again.');
  // It is resolved: a base would be one that somebody put there, and could name a file that runs.
  if (Object.hasOwn(tree, '_base_')) throw unreadable(name, "a config with a '_base_'", 'Quantize again.');
  const sizeDivisor = Number(facts.metadata.get(SIZE_DIVISOR_KEY) ?? 1);
  if (!Number.isInteger(sizeDivisor) || sizeDivisor < 1)
    throw unreadable(name, `one whose ${SIZE_DIVISOR_KEY} is no whole number from 1 on`, 'Quantize again.');
  return { name, config: tree, sizeDivisor };
}

function parsedConfig(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
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
 * Holds a config that is to run a quantized model against the one that the file holds.
 * @param inputs the sizes that will come.
 * @throws {LowformerError} `checkpoint-mismatch` where its network, or how it takes pictures, is not the file's, or where
 *   inputs may be of sizes that the file's network does not take.
 */
export async function checkQuantizedModel(
  { name, config, sizeDivisor }: QuantizedModelFile,
  given: OpenedConfig,
  inputs: InputSizes,
): Promise<void> {
  const own = openedConfig(await resolveConfig(name, { read: async () => ({ id: name, tree: config }) }));
  const differing =
    networkText(own.model.graph) !== networkText(given.model.graph)
      ? 'another network'
      : JSON.stringify(own.model.preprocessor) !== JSON.stringify(given.model.preprocessor)
        ? 'another data_preprocessor'
        : undefined;
  if (differing === undefined) {
    checkSizes(name, sizeDivisor, divisorOf(given.model, inputs));
    return;
  }
  throw new LowformerError({
    code: 'checkpoint-mismatch',
    where: name,
    expected: 'a config of the network that was quantized',
    received: differing,
    hint: 'The file is a config and its weights in one: name it in place of the config.',
  });
}

function checkSizes(where: string, divisor: number, received: number): void {
  if (received % divisor === 0) return;
  throw new LowformerError({
    code: 'checkpoint-mismatch',
    where,
    expected: `a pipeline that makes pictures whose sides are multiples of ${divisor}, for which the network was quantized,`,
    received: received === 1 ? 'one that makes any size' : `one of multiples of ${received}`,
    hint: 'Quantize again: with this pipeline, or with --any-size.',
  });
}

function networkText({ inputs, outputs, nodes, parameters }: Graph): string {
  // JSON has no infinity.
  const plain = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return JSON.stringify({ inputs, outputs, nodes, parameters: [...parameters.values()] }, plain);
}

/** Options that decide about a network that is made of weights, and not about a file that is one. */
const OF_WEIGHTS = ['checkpointKey', 'passes', 'precision'] as const;

/** @throws {LowformerError} `invalid-argument` for an option that would do nothing to a quantized model. */
export function checkQuantizedOptions(options: {
  readonly checkpointKey?: unknown;
  readonly passes?: unknown;
  /** Where it is not float32. */
  readonly precision?: unknown;
  readonly allowMismatch?: readonly string[] | undefined;
}): void {
  const idle =
    OF_WEIGHTS.find((name) => options[name] !== undefined) ??
    (options.allowMismatch?.length ? 'allowMismatch' : undefined);
  if (idle === undefined) return;
  const expected = 'nothing of the kind for a quantized model, which runs as it is';
  throw new LowformerError({ code: 'invalid-argument', where: idle, expected });
}
