import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { CocoArray } from '../../evaluation/coco_curves.js';
import { COCO_STATS } from '../../evaluation/coco_parameters.js';
import type { CocoDetection, CocoGroundTruth } from '../../evaluation/coco_records.js';
import { parityFile } from '../parity_file.js';
import { seededRandom, shuffled } from '../random.js';

export interface CocoScene {
  readonly groundTruth: CocoGroundTruth;
  readonly detections: readonly CocoDetection[];
}

export const PARITY_CASES = [
  'crowds',
  'eighty_categories',
  'integer_boxes',
  'many_detections',
  'no_detections',
  'no_ground_truth',
  'small',
  'sparse_ids',
  'ties',
];

const parse = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const groundTruthFile = z.object({
  images: z.array(z.object({ id: z.int() })),
  categories: z.array(z.object({ id: z.int(), name: z.string() })),
  annotations: z.array(
    z.object({
      id: z.int(),
      image_id: z.int(),
      category_id: z.int(),
      bbox: box,
      area: z.number(),
      iscrowd: z.union([z.literal(0), z.literal(1)]).default(0),
    }),
  ),
});
const resultsFile = z.array(z.object({ image_id: z.int(), category_id: z.int(), bbox: box, score: z.number() }));

/** A ground truth and a results file, parsed, as records. */
export function sceneOf(groundTruth: unknown, detections: unknown): CocoScene {
  return { groundTruth: groundTruthFile.parse(groundTruth), detections: resultsFile.parse(detections) };
}

export function parityScene(name: string): CocoScene {
  const path = (file: string) => parityFile(`coco/${name}/${file}`) ?? file;
  return sceneOf(parse(path('gt.json')), parse(path('dt.json')));
}

const figures = z.object({
  stats: z.array(z.number()).length(COCO_STATS.length),
  names: z.array(z.enum(COCO_STATS)),
  per_category_AP: z.record(z.string(), z.number().nullable()),
});

export const parityFigures = (name: string) => figures.parse(parse(parityFile(`coco/${name}/expected.json`) ?? name));

const header = z.record(
  z.string(),
  z.object({
    dtype: z.literal('F64'),
    shape: z.array(z.int()),
    data_offsets: z.tuple([z.int(), z.int()]),
  }),
);

/** `precision`, `recall` and `scores` of a case that has them. */
export function parityArrays(name: string): ReadonlyMap<string, CocoArray> {
  const file = gunzipSync(readFileSync(new URL(`../fixtures/coco/${name}/expected.safetensors.gz`, import.meta.url)));
  const start = 8 + Number(file.readBigUInt64LE(0));
  const entries = Object.entries(header.parse(JSON.parse(file.toString('utf8', 8, start))));
  return new Map(
    entries.map(([key, { shape, data_offsets }]) => {
      const bytes = new Uint8Array(file.subarray(start + data_offsets[0], start + data_offsets[1]));
      return [key, { shape, data: new Float64Array(bytes.buffer) }];
    }),
  );
}

const extraCase = z.object({
  kind: z.string(),
  max_detections: z.tuple([z.int(), z.int(), z.int()]),
  ground_truth: z.unknown(),
  detections: z.unknown(),
  expected: z.object({
    stats: z.array(z.number()),
    recall: z.array(z.number()),
    precision_sums: z.array(z.number()),
    score_sums: z.array(z.number()),
  }),
});

/** The cases that fixtures/coco/extra/make.py wrote. */
export function extraCases() {
  const folder = fileURLToPath(new URL('../fixtures/coco/extra/', import.meta.url));
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  return files.map((file) => {
    const { ground_truth, detections, ...rest } = extraCase.parse(parse(folder + file));
    return { ...rest, ...sceneOf(ground_truth, detections) };
  });
}

/** A scene in which no two scores are equal. */
export function randomScene(seed: number): CocoScene {
  const random = seededRandom(seed);
  const images = Array.from({ length: 12 }, (_, i) => ({ id: i * 7 + 3 }));
  const categories = [2, 5, 9].map((id) => ({ id, name: `c${id}` }));
  const pick = <T>(list: readonly T[]): T => {
    const item = list[Math.floor(random() * list.length)];
    if (item === undefined) throw new Error('the list is empty');
    return item;
  };
  const annotations = Array.from({ length: 60 }, (_, i) => {
    const [width, height] = [10 + random() * 120, 10 + random() * 120];
    const bbox = [random() * 400, random() * 300, width, height] as const;
    const iscrowd = random() < 0.1;
    return {
      id: i + 1,
      image_id: pick(images).id,
      category_id: pick(categories).id,
      bbox,
      area: width * height,
      iscrowd,
    };
  });
  const scores = shuffled(random, 240);
  const detections = Array.from(scores, (score): CocoDetection => {
    const { bbox, image_id, category_id } = pick(annotations);
    const move = (value: number) => Math.max(0, value + (random() - 0.5) * 15);
    return {
      image_id,
      category_id: random() < 0.8 ? category_id : pick(categories).id,
      bbox: [move(bbox[0]), move(bbox[1]), move(bbox[2]), move(bbox[3])],
      score: (score + 1) / 241,
    };
  });
  return { groundTruth: { images, categories, annotations }, detections };
}
