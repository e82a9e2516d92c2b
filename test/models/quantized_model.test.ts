import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modelFacts, trailingMetadata } from '../../graph/onnx/model_facts.js';
import { writeOnnx } from '../../graph/onnx/write.js';
import { observedValues, quantizeNetwork } from '../../graph/quantization/quantize_network.js';
import { type OpenedConfig, openConfig } from '../../models/open_config.js';
import { quantizedFile } from '../../models/quantized_file.js';
import {
  CONFIG_KEY,
  checkQuantizedModel,
  checkQuantizedOptions,
  DIGEST_KEY,
  readQuantizedModel,
  SIZE_DIVISOR_KEY,
} from '../../models/quantized_model.js';
import { deploy, type InputSizes } from '../../tasks/deploy.js';
import { formulaNetwork } from '../run_network.js';
import { temporaryFolder } from '../tools/command_line.js';
import { classifier } from '../tools/tiny_configs.js';

const folder = temporaryFolder();
const path = join(folder, 'tiny.json');
writeFileSync(path, JSON.stringify(classifier));
const opened = await openConfig(path);
const network = deploy(opened.model, formulaNetwork(opened.model.graph).parameters, { inputs: { kind: 'any' } });
const observed = new Map(observedValues(network).map((id) => [id, { range: { min: -3, max: 3 } }]));
const file = quantizedFile(quantizeNetwork(network, observed), {
  opened,
  producerVersion: '1',
  sizeDivisor: 1,
  metadata: { more: 'text' },
});
const bytes = new Uint8Array(Buffer.concat([...file.chunks()].map((chunk) => Buffer.from(chunk))));

const sha256 = (given: Uint8Array) => createHash('sha256').update(given).digest('hex');
/** What a page and Node do alike. */
const open = async (given: Uint8Array, config: OpenedConfig, inputs: InputSizes = { kind: 'any' }) =>
  checkQuantizedModel(await readQuantizedModel('tiny.onnx', given, sha256), config, inputs);

/** The file with other metadata, and a digest that fits it. */
function resealed(key: string, value: string): Uint8Array {
  const end = modelFacts(bytes)?.lastField ?? 0;
  const changed = Buffer.concat([bytes.subarray(0, end), trailingMetadata(key, value)]);
  return Buffer.concat([changed, trailingMetadata(DIGEST_KEY, createHash('sha256').update(changed).digest('hex'))]);
}

test('the file is as long as it says, and holds its config, other text and its digest', () => {
  expect(bytes.length).toBe(file.byteLength);
  const facts = modelFacts(bytes);
  expect(JSON.parse(facts?.metadata.get(CONFIG_KEY) ?? '')).toEqual(opened.config.value);
  expect(facts?.metadata.get('more')).toBe('text');
  expect(modelFacts(Uint8Array.of(0xff, 0xff))).toBeUndefined();
  expect(modelFacts(Buffer.concat([...writeOnnx(network).chunks()]))?.metadata.size).toBe(0);
});

test('is opened by the config that it is of, and by no other; changed or cut off by none', async () => {
  await open(bytes, opened);
  await expect(open(bytes.slice(0, -90), opened)).rejects.toThrow('wrote it');
  const changed = bytes.slice();
  changed[2000] = (changed[2000] ?? 0) ^ 1;
  await expect(open(changed, opened)).rejects.toThrow('changed since');
  const preprocessor = { ...opened.model.preprocessor, bgr_to_rgb: true };
  const other = { ...opened, model: { ...opened.model, preprocessor } };
  await expect(open(bytes, other)).rejects.toThrow('another data_preprocessor');
  expect(() => checkQuantizedOptions({ precision: 'float16' })).toThrow('runs as it is');
  expect(() => checkQuantizedOptions({ allowMismatch: [] })).not.toThrow();
});

test('a config in a file names no other, which might be code', async () => {
  const based = resealed(CONFIG_KEY, JSON.stringify({ _base_: 'evil.js' }));
  await expect(open(based, opened)).rejects.toThrow("a config with a '_base_'");
  await expect(open(resealed(CONFIG_KEY, 'no JSON'), opened)).rejects.toThrow('one whose config is no JSON object');
  writeFileSync(join(folder, 'based.onnx'), based);
  await expect(openConfig(join(folder, 'based.onnx'))).rejects.toThrow("a config with a '_base_'");
});

test('takes the sizes alone that it was quantized for', async () => {
  const sizes = (height: number, width: number): InputSizes => ({ kind: 'fixed', sizes: [{ height, width }] });
  const of64 = resealed(SIZE_DIVISOR_KEY, '64');
  await open(of64, opened, sizes(128, 192));
  await expect(open(of64, opened, sizes(128, 96))).rejects.toThrow(
    /multiples of 64.* but received 'one of multiples of 32'/,
  );
  await expect(open(of64, opened, sizes(99, 100))).rejects.toThrow('--any-size');
  await expect(open(resealed(SIZE_DIVISOR_KEY, 'two'), opened)).rejects.toThrow('no whole number');
});

test('numbers that JSON has not are refused before anything is written', () => {
  const config = { ...opened.config, value: { ...opened.config.value, far: Number.POSITIVE_INFINITY } };
  const int8 = quantizeNetwork(network, observed);
  expect(() =>
    quantizedFile(int8, { opened: { ...opened, config }, producerVersion: '1', sizeDivisor: 1, metadata: {} }),
  ).toThrow('far: expected a finite number');
});
