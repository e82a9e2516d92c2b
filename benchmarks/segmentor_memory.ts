/** The most memory that `segment` takes for large pictures, against the exported network with its logits as large as the picture. */
import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { z } from 'zod';
import { semFpn } from '../configs/sem_fpn.js';
import { ade20k } from '../data/classes/ade20k.js';
import { cityscapes } from '../data/classes/cityscapes.js';
import type { MetaInfo } from '../data/metainfo.js';
import { drawDemoScene } from '../drawing/demo_scene.js';
import { median } from '../measuring/timing/measure.js';
import { initialWeights } from '../models/network_weights.js';
import { openConfig } from '../models/open_config.js';
import { writeWeights } from './measured_detectors.js';
import { bar, type Report } from './report.js';
import { inTemporaryFolder } from './temporary_folder.js';

const SIZE = { width: 2048, height: 1024 };
/** The second picture finds the memory that ONNX Runtime has kept of the first. */
const PICTURES = 2;
/** Of ours to the plain way's. */
const BAR = 0.6;
const MEGABYTE = 1e6;
const run = promisify(execFile);
const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const CASES: readonly (readonly [classes: string, metainfo: MetaInfo])[] = [
  ["ADE20K's 150", ade20k],
  ["Cityscapes' 19", cityscapes],
];

/** The bar: at most 0.6 of the plain way's memory. Runs the built command. */
export async function benchmarkSegmentorMemory(rounds = 2): Promise<Report> {
  return inTemporaryFolder(async (folder) => {
    const { data, ...drawn } = drawDemoScene().image;
    const pictures = Array.from({ length: PICTURES }, (_, i) => join(folder, `${i}.png`));
    const [first = '', ...others] = pictures;
    await sharp(data, { raw: { ...drawn, channels: 3 } })
      .resize(SIZE.width, SIZE.height, { fit: 'fill' })
      .png()
      .toFile(first);
    for (const other of others) await copyFile(first, other);
    const rows = [];
    for (const [classes, metainfo] of CASES) rows.push(await compare(classes, metainfo, { folder, pictures, rounds }));
    return {
      title: 'Memory of a segmentor',
      how: `Semantic FPN-LowFormer-B1, ${PICTURES} pictures of ${SIZE.width}x${SIZE.height} one after another through the network at that size, weights as training starts from. Ours: the built command \`segment --out\`, all of its process at its height. "plain": what \`export\` writes in a session of ONNX Runtime with our options, its logits made as large as the picture in float32, then the best class; memory at its height less what Node and the loader for TypeScript had taken before. New processes in turns, median of ${rounds}, megabytes. "alike" is the share of pixels whose classes are counted alike.`,
      rows,
    };
  });
}

interface Place {
  readonly folder: string;
  readonly pictures: readonly string[];
  readonly rounds: number;
}

async function compare(classes: string, metainfo: MetaInfo, { folder, pictures, rounds }: Place) {
  const [config, checkpoint, model] = ['config.json', 'weights.safetensors', 'model.onnx'].map((name) =>
    join(folder, name),
  );
  if (config === undefined || checkpoint === undefined || model === undefined) throw new RangeError('no names');
  const segmentor = semFpn({
    backbone: { type: 'LowFormer', arch: 'b1' },
    metainfo,
    resize: [{ type: 'Resize', scale: [SIZE.width, SIZE.height], keep_ratio: true }],
  });
  await writeFile(config, JSON.stringify(segmentor));
  const opened = await openConfig(config);
  await writeWeights(checkpoint, opened.model, initialWeights(opened.model).parameters);
  await lowformer('export', config, '--checkpoint', checkpoint, '--out', model);
  const peaks: { readonly ours: number; readonly plain: number }[] = [];
  let counts: readonly number[] = [];
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`${classes} classes, round ${round + 1} of ${rounds}\n`);
    const ours = await segment(config, checkpoint, { folder, pictures });
    const plain = await segmentPlainly(model, pictures);
    counts = plain.counts;
    peaks.push({ ours, plain: plain.peak });
  }
  const ratio = median(peaks.map(({ ours, plain }) => ours / plain));
  return {
    classes,
    ours: median(peaks.map(({ ours }) => ours)) / MEGABYTE,
    plain: median(peaks.map(({ plain }) => plain)) / MEGABYTE,
    'logits alone': (metainfo.classes.length * SIZE.width * SIZE.height * 4) / MEGABYTE,
    ratio,
    alike: alike(await countsOf(join(folder, 'found.json')), counts),
    ...bar(ratio, BAR),
  };
}

async function lowformer(...args: readonly string[]): Promise<number> {
  const program = ['--import', path('./tell_peak.js'), path('../dist/tools/lowformer.js')];
  const { stderr } = await run(process.execPath, [...program, ...args, '--quiet']);
  const line = stderr.trim().split('\n').at(-1) ?? '';
  return z.object({ peak: z.number().positive() }).parse(JSON.parse(line)).peak;
}

function segment(config: string, checkpoint: string, { folder, pictures }: Omit<Place, 'rounds'>): Promise<number> {
  const written = ['--out', join(folder, 'labels'), '--json', join(folder, 'found.json')];
  return lowformer('segment', config, ...pictures, '--checkpoint', checkpoint, '--no-cache', ...written);
}

const plainSchema = z.object({ peak: z.number().positive(), counts: z.array(z.number()) });

async function segmentPlainly(model: string, pictures: readonly string[]) {
  const loader = ['--import', import.meta.resolve('jiti/register')];
  const { stdout } = await run(process.execPath, [...loader, path('./plain_segmentation.ts'), model, ...pictures]);
  return plainSchema.parse(JSON.parse(stdout));
}

const recordsSchema = z.array(
  z.object({ classes: z.array(z.object({ class_index: z.number(), pixels: z.number() })) }),
);

/** Pixels of each class in the last picture, as the command wrote them. */
async function countsOf(file: string): Promise<ReadonlyMap<number, number>> {
  const records = recordsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  return new Map(records.at(-1)?.classes.map(({ class_index, pixels }) => [class_index, pixels]));
}

function alike(ours: ReadonlyMap<number, number>, theirs: readonly number[]): string {
  const pixels = SIZE.width * SIZE.height;
  const differing = theirs.reduce((sum, count, i) => sum + Math.abs(count - (ours.get(i) ?? 0)), 0) / 2;
  return `${pixels - differing} of ${pixels} pixels`;
}
