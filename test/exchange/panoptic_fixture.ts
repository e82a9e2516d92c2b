/** The small panoptic data set that panopticapi has made (test/fixtures/exchange/make_panoptic.py). */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';

const schema = z.object({
  json: z.object({
    images: z.array(z.object({ id: z.int(), file_name: z.string(), width: z.int(), height: z.int() })),
    annotations: z.array(
      z.object({
        image_id: z.int(),
        file_name: z.string(),
        segments_info: z.array(
          z.object({
            id: z.int(),
            category_id: z.int(),
            iscrowd: z.int(),
            area: z.int(),
            bbox: z.array(z.int()).length(4),
          }),
        ),
      }),
    ),
    categories: z.array(z.object({ id: z.int(), name: z.string(), isthing: z.int() })),
  }),
  pngs: z.record(z.string(), z.base64()),
  /** Of each picture, runs of label and length, row by row; 255 is void. */
  semantic: z.record(z.string(), z.array(z.array(z.int()).length(2))),
});

export const panopticSchema = schema.shape.json;
const file = new URL('../fixtures/exchange/panoptic.json', import.meta.url);
export const panopticFixture = schema.parse(JSON.parse(readFileSync(file, 'utf8')));

/** Writes `panoptic.json`, `panoptic/` and, but for `putPanopticPictures`, no pictures. */
export function putPanoptic(folder: string): void {
  writeFileSync(join(folder, 'panoptic.json'), JSON.stringify(panopticFixture.json));
  for (const [name, png] of Object.entries(panopticFixture.pngs)) {
    const path = join(folder, 'panoptic', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.from(png, 'base64'));
  }
}

/** The pictures, in `images/`. */
export async function putPanopticPictures(folder: string): Promise<void> {
  for (const { file_name, width, height } of panopticFixture.json.images) {
    const path = join(folder, 'images', file_name);
    mkdirSync(dirname(path), { recursive: true });
    await sharp({ create: { width, height, channels: 3, background: 'grey' } }).toFile(path);
  }
}
