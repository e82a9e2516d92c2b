/**
 * Every config of mmdet 3.3.0 with a head like RetinaNet's and every one of mmsegmentation 1.2.2 with a Semantic FPN head,
 * as mmengine dumps it, with what PyTorch counts (`fixtures/zoo/README.md`).
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { ROOT } from './workspace.js';

const metaInfo = z.object({ classes: z.array(z.string()), palette: z.array(z.array(z.number())) });
const schema = z.object({
  input: z.array(z.int()),
  configs: z.array(
    z.object({
      library: z.enum(['mmdet', 'mmseg']),
      file: z.string(),
      parameters: z.int(),
      macs: z.int(),
      config: z.looseObject({ test_dataloader: z.object({ dataset: z.looseObject({ type: z.string() }) }) }),
    }),
  ),
  datasets: z.record(z.string(), z.record(z.string(), metaInfo)),
});

const { input, configs, datasets } = schema.parse(
  JSON.parse(gunzipSync(readFileSync(`${ROOT}test/fixtures/zoo/configs.json.gz`)).toString('utf8')),
);

/** [N, 3, H, W] of the pictures for which multiply-accumulates are counted. */
export const COUNTED_INPUT: readonly number[] = input;

export interface OpenmmlabConfig {
  readonly library: 'mmdet' | 'mmseg';
  /** Without folder and `.py`. */
  readonly name: string;
  readonly parameters: number;
  /** Of convolutions, linear layers and the products of attention, for pictures of `COUNTED_INPUT`. */
  readonly macs: number;
  readonly config: unknown;
  /** Of the test data set: its class names, and their colours where it has some. Empty where it reads them from a file. */
  readonly classes: readonly string[];
  readonly palette: readonly (readonly number[])[];
}

export const OPENMMLAB_CONFIGS: readonly OpenmmlabConfig[] = configs.map(({ file, ...facts }) => {
  const dataset = datasets[facts.library]?.[facts.config.test_dataloader.dataset.type];
  if (dataset === undefined) throw new Error(`${file}: no facts of its data set`);
  return { ...facts, ...dataset, name: file.slice(file.lastIndexOf('/') + 1) };
});
