/** A picture of 20,000 x 20,000 in windows: memory, and time beside the network's own. Small cells with and without windows. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { z } from 'zod';
import { drawDemoScene } from '../drawing/demo_scene.js';
import { loadDetector } from '../models/load_model.js';
import { detectionRecord } from '../models/result_records.js';
import type { SliceOptions } from '../models/slices.js';
import type { Report } from './report.js';
import { inTemporaryFolder } from './temporary_folder.js';

const run = promisify(execFile);
const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const MEGABYTE = 1e6;

/** Of a side of the picture; another number for a short form. */
const SIDE = Number(process.env.LOWFORMER_SLICES_SIDE ?? 20_000);
const MOST_MEMORY = 1500;
const MOST_TIME = 1.1;

const childSchema = z.object({
  runs: z.number(),
  seconds: z.number(),
  network: z.number(),
  peak: z.number(),
  found: z.number(),
});

/** The bars: 1.5 GB of memory, and 1.1 of the time that the network's runs take. */
export async function benchmarkSlices(): Promise<Report> {
  return inTemporaryFolder(async (folder) => {
    const files = await largePictures(folder);
    const rows = [];
    for (const [task, name, file] of [
      ['detect', 'tiled TIFF', files.tiles],
      ['detect', 'PNG', files.png],
      ['segment', 'tiled TIFF', files.tiles],
      ['segment', 'PNG', files.png],
    ] as const) {
      process.stderr.write(`${task}, ${name}\n`);
      const loader = ['--import', import.meta.resolve('jiti/register')];
      const { stdout } = await run(process.execPath, [...loader, path('./slices_child.ts'), task, file, folder]);
      const { runs, seconds, network, peak, found } = childSchema.parse(JSON.parse(stdout));
      const ratio = seconds / network;
      rows.push({
        task,
        file: name,
        runs,
        seconds,
        network,
        ratio,
        'bar of time': MOST_TIME,
        'memory, MB': peak / MEGABYTE,
        'bar of memory': MOST_MEMORY,
        kept: ratio <= MOST_TIME && peak / MEGABYTE <= MOST_MEMORY ? 'yes' : 'no',
        found,
      });
    }
    return {
      title: `A picture of ${SIDE}x${SIDE} in windows`,
      how: "Blood smears side by side. detect: the blood-cell model, windows of 640 that share 0.2, and the whole picture. segment: the scenes' segmentor over the picture as it is, windows of 1024 every 768, its label map written as a PNG. One session, two threads, one window in a run; seconds from the first window to the result, and what the network's runs took of them. Memory is the whole process at its height, with the loader for TypeScript.",
      rows,
    };
  });
}

/** Drawn smears, repeated by libvips, so that nobody holds the whole. */
async function largePictures(folder: string) {
  const { data, width, height } = drawDemoScene(3).image;
  const scene = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  const large = () =>
    sharp({
      create: { width: SIDE, height: SIDE, channels: 3, background: '#fff' },
      limitInputPixels: false,
    }).composite([{ input: scene, tile: true, gravity: 'northwest' }]);
  const [tiles, png] = [join(folder, 'tiles.tif'), join(folder, 'large.png')];
  process.stderr.write('drawing\n');
  await large()
    .removeAlpha()
    .tiff({ tile: true, tileWidth: 256, tileHeight: 256, compression: 'deflate' })
    .toFile(tiles);
  await large().removeAlpha().png({ compressionLevel: 1 }).toFile(png);
  return { tiles, png };
}

/** Where the pictures of blood cells are: `images/`, `annotations/val.json`. */
const BCCD = process.env.LOWFORMER_BCCD ?? '../shared/datasets/bccd';

export function hasCells(): boolean {
  return existsSync(join(BCCD, 'annotations', 'val.json'));
}

/** Pictures on each side of the field, and what is left of their sides: red cells have about 30 pixels then. */
const FIELD = { side: 9, scale: 0.3 } as const;

const cocoSchema = z.object({
  images: z.array(z.object({ id: z.number(), file_name: z.string(), width: z.number(), height: z.number() })),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
  annotations: z.array(
    z.object({
      image_id: z.number(),
      category_id: z.number(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    }),
  ),
});

const WAYS: Readonly<Record<string, SliceOptions | undefined>> = {
  'whole picture alone': undefined,
  'windows, nms iou': { size: { width: 320, height: 240 } },
  'windows, nms ios': { size: { width: 320, height: 240 }, metric: 'ios' },
  'windows, greedy-nmm ios': { size: { width: 320, height: 240 }, merge: 'greedy-nmm', metric: 'ios' },
  'windows, nmm iou': { size: { width: 320, height: 240 }, merge: 'nmm' },
  'windows, nms iou, without the whole': { size: { width: 320, height: 240 }, wholePicture: false },
};

/** No bar: what windows do for small objects. @param side pictures on each side of the field. */
export async function benchmarkSmallObjects(side: number = FIELD.side): Promise<Report> {
  return inTemporaryFolder(async (folder) => {
    const { field, truth, width, height } = await pastedField(folder, side);
    await writeFile(join(folder, 'truth.json'), JSON.stringify(truth));
    await using model = await loadDetector('blood-cells');
    const rows = [];
    for (const [way, slices] of Object.entries(WAYS)) {
      process.stderr.write(`${way}\n`);
      const start = performance.now();
      const result = await model.predict(field, slices === undefined ? {} : { slices });
      const seconds = (performance.now() - start) / 1000;
      const { detections } = detectionRecord(field, result, result.detections);
      const found = detections.map(({ bbox, score, category_id }) => ({ image_id: 1, bbox, score, category_id }));
      rows.push({ way, ...(await figures(folder, found)), found: found.length, seconds });
    }
    return {
      title: 'Small objects with and without windows',
      how: `BCCD's validation pictures at ${FIELD.scale} of their size, ${side} x ${side} of them side by side in a field of ${width}x${height}: ${truth.annotations.length} cells, most of them of less than 32x32 pixels. The blood-cell model, windows of 320x240 that share 0.2, and the whole field but where said. COCO's figures with 5000 detections of a class and picture; APs is that of less than 32x32 pixels, APm of less than 96x96.`,
      rows,
    };
  });
}

async function figures(folder: string, found: readonly object[]) {
  const file = join(folder, 'found.json');
  await writeFile(file, JSON.stringify(found));
  const score = [path('../dist/tools/lowformer.js'), 'score', 'coco', '--annotations', join(folder, 'truth.json')];
  const { stdout } = await run(process.execPath, [
    ...score,
    '--predictions',
    file,
    '--max-dets',
    '1,100,5000',
    '--json',
    '-',
    '--quiet',
  ]);
  const { stats } = z.object({ stats: z.record(z.string(), z.number()) }).parse(JSON.parse(stdout));
  const { AP50, AP75, APs, APm } = stats;
  return { AP50, AP75, APs, APm };
}

async function pastedField(folder: string, side: number) {
  const coco = cocoSchema.parse(JSON.parse(await readFile(join(BCCD, 'annotations', 'val.json'), 'utf8')));
  const { scale } = FIELD;
  const [across, down] = [Math.round(640 * scale), Math.round(480 * scale)];
  const [width, height] = [side * across, side * down];
  const annotations: object[] = [];
  const pasted = [];
  for (const [i, image] of coco.images.slice(0, side * side).entries()) {
    const [left, top] = [(i % side) * across, Math.floor(i / side) * down];
    const input = await sharp(join(BCCD, 'images', image.file_name))
      .resize(across, down, { fit: 'fill' })
      .png()
      .toBuffer();
    pasted.push({ input, left, top });
    const [scaleX, scaleY] = [across / image.width, down / image.height];
    for (const { category_id, bbox } of coco.annotations.filter(({ image_id }) => image_id === image.id)) {
      const [x, y, w, h] = bbox;
      const moved = [left + x * scaleX, top + y * scaleY, w * scaleX, h * scaleY];
      const area = w * scaleX * h * scaleY;
      annotations.push({ id: annotations.length + 1, image_id: 1, category_id, bbox: moved, area, iscrowd: 0 });
    }
  }
  const field = join(folder, 'field.png');
  await sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite(pasted)
    .png()
    .toFile(field);
  const images = [{ id: 1, file_name: field, width, height }];
  return { field, truth: { images, categories: coco.categories, annotations }, width, height };
}
