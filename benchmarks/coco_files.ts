/**
 * Writes a ground truth and a results file of the size of COCO val2017, always the same for the same numbers:
 * 5,000 pictures, 36,700 objects, 80 categories with gaps in their ids, 500,000 detections in a file of about 50 MB.
 * Run with `npx jiti benchmarks/coco_files.ts FOLDER [pictures]`; the other numbers follow the pictures.
 */
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../test/random.js';

export interface CocoFiles {
  readonly groundTruth: string;
  readonly detections: string;
}

const CATEGORIES = 80;
const DETECTIONS_PER_PICTURE = 100;
const OBJECTS_PER_PICTURE = 36_700 / 5000;

interface PlacedObject {
  readonly category: number;
  readonly bbox: readonly [number, number, number, number];
}

export async function writeCocoFiles(folder: string, pictures = 5000, seed = 2017): Promise<CocoFiles> {
  mkdirSync(folder, { recursive: true });
  const random = seededRandom(seed);
  const files = { groundTruth: join(folder, 'gt.json'), detections: join(folder, 'dt.json') };
  // As in COCO, the ids of 80 categories reach 90, and those of the pictures are anything.
  const categoryId = (k: number) => k + 1 + Math.floor(k / 8);
  // Few categories are common, most are rare.
  const category = () => Math.min(CATEGORIES - 1, Math.floor(CATEGORIES * random() ** 3));
  const round = (value: number, digits: number) => Number(value.toFixed(digits));

  const images: object[] = [];
  const annotations: object[] = [];
  const results = createWriteStream(files.detections);
  results.write('[');
  for (let picture = 0; picture < pictures; picture++) {
    const id = picture * 113 + 1 + Math.floor(random() * 113);
    images.push({ id, width: 640, height: 480, file_name: `${String(id).padStart(12, '0')}.jpg` });

    const total = Math.round((picture + 1) * OBJECTS_PER_PICTURE) - Math.round(picture * OBJECTS_PER_PICTURE);
    // Uneven, as pictures are: two neighbours share their objects unequally.
    const shift = picture % 2 === 0 ? -5 : 5;
    const objects = Array.from({ length: Math.max(0, total + shift) }, (): PlacedObject => {
      const width = 8 + 400 * random() ** 3;
      const height = 8 + 320 * random() ** 3;
      const x = random() * (640 - width);
      const y = random() * (480 - height);
      return { category: category(), bbox: [round(x, 2), round(y, 2), round(width, 2), round(height, 2)] };
    });
    for (const { category: k, bbox } of objects) {
      annotations.push({
        id: annotations.length + 1,
        image_id: id,
        category_id: categoryId(k),
        bbox,
        area: round(bbox[2] * bbox[3] * (0.5 + random() / 2), 4),
        iscrowd: random() < 0.012 ? 1 : 0,
      });
    }

    for (let i = 0; i < DETECTIONS_PER_PICTURE; i++) {
      // A third of the boxes lie near an object, the rest is what a detector gives at low scores.
      const near = i < DETECTIONS_PER_PICTURE / 3 ? objects[i % Math.max(1, objects.length)] : undefined;
      const spread = 0.02 + 0.3 * random();
      const jitter = (extent: number) => (random() - 0.5) * spread * extent;
      const [x, y, width, height] = near?.bbox ?? [
        random() * 600,
        random() * 440,
        8 + 200 * random() ** 2,
        8 + 200 * random() ** 2,
      ];
      const box = [x + jitter(width), y + jitter(height), width + jitter(width), height + jitter(height)];
      const score = near === undefined ? random() ** 4 : (1 - spread) * random() ** 0.5;
      const entry = {
        image_id: id,
        category_id: categoryId(near !== undefined && random() < 0.8 ? near.category : category()),
        bbox: box.map((value) => round(Math.max(0, value), 4)),
        score: round(score, 6),
      };
      results.write(`${picture + i === 0 ? '' : ', '}${JSON.stringify(entry)}`);
    }
    // Lets the stream write what it holds.
    if (picture % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
  }
  results.end(']');
  await finished(results);
  const categories = Array.from({ length: CATEGORIES }, (_, k) => ({ id: categoryId(k), name: `category ${k + 1}` }));
  writeFileSync(files.groundTruth, JSON.stringify({ images, annotations, categories }));
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder, pictures] = process.argv;
  if (folder === undefined) throw new Error('usage: npx jiti benchmarks/coco_files.ts FOLDER [pictures]');
  console.log(JSON.stringify(await writeCocoFiles(folder, pictures === undefined ? undefined : Number(pictures))));
}
