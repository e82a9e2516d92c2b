/** A picture file to boxes or a label map, against an exported model in Python with mmdet's or mmseg's own steps around it. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { z } from 'zod';
import type { Result } from '../core/results.js';
import type { Tensor, Tensors } from '../core/tensor.js';
import { drawDemoScene } from '../drawing/demo_scene.js';
import { createEngine, threadLimit } from '../engines/index.js';
import { median, minimum, quantile, ratios, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { loadModel } from '../models/load_model.js';
import { openConfig, predictionParts } from '../models/open_config.js';
import { deploy } from '../tasks/deploy.js';
import { formulaNetwork } from '../test/run_network.js';
import { startProgram } from './asked_program.js';
import { writeWeights } from './measured_detectors.js';
import { bar, type Report } from './report.js';
import { inTemporaryFolder } from './temporary_folder.js';

const PEER = fileURLToPath(new URL('python/file_to_result.py', import.meta.url));
const WARM_UP = 2;
const SIDE = 512;
/** Of the fine levels of a detector, in pixels of the level. */
const TILE = 8;
const FINE_LEVELS = ['cls0', 'cls1'] as const;
const FIXED = [`test_pipeline.1.scale=[${SIDE},${SIDE}]`, 'test_pipeline.1.keep_ratio=False'];

const answerSchema = z.object({
  milliseconds: z.number(),
  found: z.union([z.array(z.number()), z.array(z.array(z.number()))]),
});

interface Contest {
  readonly name: string;
  readonly config: 'retinanet_lowformer-b1_fpn_1x_coco' | 'sem-fpn_lowformer-b1_40k_ade20k-512x512';
  readonly theirs: { readonly kind: 'detector' | 'segmentor'; readonly model: string };
  /** The share of the fine levels' tiles that hold a candidate; of a detector. */
  readonly live?: number;
  /** Largest allowed time of ours, theirs being 1. */
  readonly limit: number;
}

const DETECTOR = {
  config: 'retinanet_lowformer-b1_fpn_1x_coco',
  theirs: { kind: 'detector', model: 'detector_b1.onnx' },
} as const;

const CONTESTS: readonly Contest[] = [
  { name: 'detector B1, a quarter of the tiles live', ...DETECTOR, live: 0.25, limit: 1 / 1.35 },
  { name: 'detector B1, every tile live', ...DETECTOR, live: 1, limit: 1 },
  {
    name: 'segmentor B1, 150 classes',
    config: 'sem-fpn_lowformer-b1_40k_ade20k-512x512',
    theirs: { kind: 'segmentor', model: 'segmentor_b1.onnx' },
    limit: 1 / 1.35,
  },
];

/**
 * @param references the folder that `python/export_reference.py` wrote.
 * The bars: ours 1.35 times faster where at most a quarter of the tiles is live, and never slower.
 */
export async function benchmarkFileToResult(python: string, references: string, rounds = 15): Promise<Report> {
  return inTemporaryFolder(async (folder) => {
    const file = join(folder, 'picture.jpg');
    const { data, width, height } = drawDemoScene().image;
    await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(SIDE, SIDE, { fit: 'fill' })
      .jpeg({ quality: 92 })
      .toFile(file);
    const rows = [];
    for (const contest of CONTESTS) rows.push(await compare(contest, { python, references, folder, file, rounds }));
    return {
      title: 'From a picture file to boxes and label maps',
      how: `A JPEG of ${SIDE}x${SIDE}, ${threadLimit().threads} threads, weights by formula on both sides. Theirs: torch.onnx.export traced for ${SIDE}x${SIDE} in ONNX Runtime for Python, mmdet's or mmseg's own reading, resizing, normalising and decoding around it. Two processes in turns, ${rounds} rounds after ${WARM_UP} to warm up, milliseconds; the ratio is the median of ours / theirs, pair by pair. Tiles are of ${TILE}x${TILE} places of the two finest levels; score_thr is set so that the named share of them has a candidate. "alike" is the share of boxes within 0.1 px and scores within 0.001 of theirs, or of pixels whose classes are counted alike.`,
      rows,
    };
  });
}

interface Place {
  readonly python: string;
  readonly references: string;
  readonly folder: string;
  readonly file: string;
  readonly rounds: number;
}

async function compare(
  { name, config, theirs: { kind, model: export_ }, live, limit }: Contest,
  { python, references, folder, file, rounds }: Place,
) {
  const checkpoint = join(folder, `${kind}.safetensors`);
  const { model: built } = await openConfig(config);
  await writeWeights(checkpoint, built, formulaNetwork(built.wholeGraph).parameters);
  const threshold = live === undefined ? undefined : await thresholdFor(config, file, live);
  const cfgOptions = kind === 'detector' ? [...FIXED, `model.test_cfg.score_thr=${threshold}`] : FIXED;
  await using model = await loadModel(config, { checkpoint, cfgOptions });
  const threads = threadLimit().threads;
  const settings = { kind, model: join(references, export_), threads, file, score_thr: threshold };
  await using peer = startProgram(python, [PEER], settings, answerSchema);
  const ours = () => model.predict(file);
  const laps = await takeTurns([ours, peer.ask], { rounds, warmUp: WARM_UP });
  const pairs = ratios(timesOf(laps, 0), timesOf(laps, 1));
  return {
    work: name,
    ours: median(timesOf(laps, 0)),
    theirs: median(timesOf(laps, 1)),
    'ours, minimum': minimum(timesOf(laps, 0)),
    'theirs, minimum': minimum(timesOf(laps, 1)),
    ratio: median(pairs),
    'middle half': `${quantile(pairs, 0.25).toFixed(3)} to ${quantile(pairs, 0.75).toFixed(3)}`,
    faster: 1 / median(pairs),
    alike: alike(await ours(), (await peer.ask()).found),
    ...bar(median(pairs), limit),
  };
}

/** The score over which so many of the fine levels' tiles have a candidate. */
async function thresholdFor(config: string, file: string, live: number): Promise<number> {
  if (live === 1) return 0;
  const opened = await openConfig(config, FIXED);
  const { pipeline } = predictionParts(opened);
  const { parameters } = formulaNetwork(opened.model.wholeGraph);
  const network = deploy(opened.model, parameters, { inputs: { kind: 'prepared', pipeline } });
  await using engine = await createEngine('onnxruntime', network, { device: 'cpu' });
  const outputs = await engine.run({ input: await normalised(file) });
  const best = FINE_LEVELS.flatMap((level) => tileMaxima(outputs, level));
  return 1 / (1 + Math.exp(-quantile(best, 1 - live)));
}

/** As mmdet's preprocessor: RGB less its mean, through its deviation. */
async function normalised(file: string): Promise<Tensor> {
  const pixels = await sharp(file).removeAlpha().raw().toBuffer();
  const [mean, deviation] = [
    [123.675, 116.28, 103.53],
    [58.395, 57.12, 57.375],
  ] as const;
  const data = new Float32Array(pixels.length);
  for (const [i, value] of pixels.entries()) {
    const channel = i % 3;
    data[channel * SIDE * SIDE + (i - channel) / 3] = (value - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
  }
  return { shape: [1, 3, SIDE, SIDE], data };
}

function tileMaxima(outputs: Tensors, level: string): number[] {
  const { shape: [, channels = 0, height = 0, width = 0] = [], data = new Float32Array() } = outputs[level] ?? {};
  if (channels === 0) throw new RangeError(`no output ${level}`);
  const across = Math.ceil(width / TILE);
  const maxima = new Array<number>(across * Math.ceil(height / TILE)).fill(Number.NEGATIVE_INFINITY);
  for (const [i, value] of data.entries()) {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    const tile = Math.floor(y / TILE) * across + Math.floor(x / TILE);
    maxima[tile] = Math.max(maxima[tile] ?? value, value);
  }
  return maxima;
}

type Found = z.output<typeof answerSchema>['found'];

function alike(own: Result, theirs: Found): string {
  const rows = theirs.flatMap((row) => (typeof row === 'number' ? [] : [row]));
  if (own.kind === 'detection') {
    const same = own.detections.filter(({ box, score, classIndex }) =>
      rows.some(
        ([x1 = 0, y1 = 0, x2 = 0, y2 = 0, theirScore = 0, label]) =>
          label === Number(classIndex) &&
          Math.abs(theirScore - score) < 0.001 &&
          [x1, y1, x2, y2].every((value, i) => Math.abs(value - (box[i] ?? Number.NaN)) < 0.1),
      ),
    ).length;
    return `${same} of ${rows.length} boxes`;
  }
  if (own.kind !== 'segmentation') throw new RangeError(`${own.kind} is not compared`);
  const counts = theirs.flatMap((count) => (typeof count === 'number' ? [count] : []));
  const ownCounts = new Array<number>(counts.length).fill(0);
  for (const label of own.labels) ownCounts[label] = (ownCounts[label] ?? 0) + 1;
  const differing = counts.reduce((sum, count, i) => sum + Math.abs(count - (ownCounts[i] ?? 0)), 0) / 2;
  return `${own.labels.length - differing} of ${own.labels.length} pixels`;
}
