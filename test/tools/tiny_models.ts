/** Networks of a few thousand weights, with checkpoints and pictures, for running the command line on. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import type { RgbImage } from '../../core/frame.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import type { Graph } from '../../graph/graph.js';
import { buildModel } from '../../tasks/build_model.js';
import { writeSafetensors } from '../../weights/safetensors.js';
import { formulaNetwork, runNetwork } from '../run_network.js';

export { classifier, detector, onMultiplesOf32, segmentor, WIDTHS } from './tiny_configs.js';

/** Writes `NAME.json` and `NAME.safetensors`, with weights that follow from their names. */
export async function writeModel(folder: string, name: string, config: { readonly model: unknown }): Promise<void> {
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(config));
  await writeWeights(join(folder, `${name}.safetensors`), config.model, 'telling');
}

/** A `model`'s checkpoint, with the formula weights; `telling` ones make a tiny segmentor tell places apart. */
export async function writeWeights(path: string, model: unknown, kind: 'formula' | 'telling'): Promise<void> {
  const graph = buildModel(model).wholeGraph;
  const formula = formulaNetwork(graph).parameters;
  const tensors = new Map([...graph.parameters.keys()].map((name) => [name, formula(name)]));
  await writeSafetensors(path, Object.fromEntries(kind === 'formula' ? tensors : await telling(graph, tensors)));
}

const LAST = 'decode_head.conv_seg';

/** So small a segmentor hardly tells one place from another: its last layer is made steep, and to favour no class. */
async function telling(graph: Graph, tensors: ReadonlyMap<string, Tensor>): Promise<ReadonlyMap<string, Tensor>> {
  const [weight, bias] = [tensors.get(`${LAST}.weight`), tensors.get(`${LAST}.bias`)];
  if (weight === undefined || bias === undefined) return tensors;
  const steep = { ...weight, data: weight.data.map((value) => value * 100) };
  const level = { ...bias, data: bias.data.map(() => 0) };
  const changed = new Map([...tensors, [`${LAST}.weight`, steep], [`${LAST}.bias`, level]]);
  const { width, height, data } = drawPicture(96, 64);
  const plane = width * height;
  const pixels = Float32Array.from({ length: 3 * plane }, (_, i) => {
    const value = data[(i % plane) * 3 + Math.floor(i / plane)] ?? 0;
    return (value - 115) / 58;
  });
  const parameters = (name: string) => changed.get(name) ?? tensor([0], new Float32Array());
  const { logits } = await runNetwork({ graph, parameters }, { input: tensor([1, 3, height, width], pixels) });
  if (logits === undefined) return changed;
  const extent = logits.data.length / level.data.length;
  const means = level.data.map(
    (_, i) => -logits.data.subarray(i * extent, (i + 1) * extent).reduce((a, b) => a + b) / extent,
  );
  return changed.set(`${LAST}.bias`, { ...bias, data: means });
}

/** A picture with a bright disc off its middle, on a slope of colour: no two corners look alike. */
export function drawPicture(width: number, height: number, shade = 60): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = (x - width / 3) ** 2 + (y - height / 4) ** 2 < (Math.min(width, height) / 5) ** 2;
      data.set(inside ? [250, 230, 40] : [shade, (180 * x) / width, (200 * y) / height], (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

/** Writes a drawn picture, in the format of its ending. @param orientation EXIF's, from 1 to 8. */
export async function writePicture(
  path: string,
  { width, height, data }: RgbImage,
  orientation?: number,
): Promise<void> {
  const picture = sharp(data, { raw: { width, height, channels: 3 } });
  const turned = orientation === undefined ? picture : picture.withMetadata({ orientation });
  await turned.toFile(path);
}

/** One clear message: the command's name, no stack trace, no fault of ours. */
export function expectMistake({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): string {
  expect(stderr).not.toMatch(/\n\s+at |unexpected fault|Error:/);
  expect(code, stderr).toBe(2);
  expect(stdout).toBe('');
  const messages = stderr.split('\n').filter((line) => line.startsWith('lowformer: '));
  expect(messages, stderr).toHaveLength(1);
  return stderr.slice(stderr.indexOf('lowformer: ') + 'lowformer: '.length).trimEnd();
}
