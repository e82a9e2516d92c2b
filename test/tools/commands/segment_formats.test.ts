import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { collectNotes } from '../../../core/notes.js';
import { EXCHANGE_FORMATS } from '../../../exchange/formats/index.js';
import { openAnnotations } from '../../../scoring/open_detection.js';
import { lowformer, temporaryFolder } from '../command_line.js';
import { drawPicture, segmentor, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const model = ['seg.json', '--checkpoint', 'seg.safetensors', '--quiet'];

beforeAll(async () => {
  await writeModel(cwd, 'seg', segmentor);
  await writePicture(join(cwd, 'a.png'), drawPicture(120, 80));
});

const recordSchema = z.array(
  z.object({ classes: z.array(z.object({ class_index: z.int(), category: z.string(), pixels: z.int() })) }),
);
const cocoSchema = z.object({
  annotations: z.array(
    z.object({
      category_id: z.int(),
      area: z.int(),
      segmentation: z.union([
        z.strictObject({ size: z.tuple([z.literal(80), z.literal(120)]), counts: z.string().min(1) }),
        z.array(z.array(z.int()).min(8)).min(1),
      ]),
    }),
  ),
});

/** Pixels of each class that the command counts. */
async function counted(): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await lowformer(['segment', ...model, 'a.png'], { cwd });
  return new Map(recordSchema.parse(JSON.parse(stdout))[0]?.classes.map(({ category, pixels }) => [category, pixels]));
}

describe.concurrent('lowformer segment --format', () => {
  test.each(['coco', 'coco-polygons'])(
    '%s: an annotation of each class, its area the pixels of the class',
    async (format) => {
      const { code, stdout, stderr } = await lowformer(['segment', ...model, 'a.png', '--format', format], { cwd });
      expect([code, stderr]).toEqual([0, '']);
      const { annotations } = cocoSchema.parse(JSON.parse(stdout));
      const areas = annotations.map(
        ({ category_id, area }) => [segmentor.metainfo.classes[category_id - 1], area] as const,
      );
      expect(new Map(areas)).toEqual(await counted());
      for (const { segmentation } of annotations) expect(Array.isArray(segmentation)).toBe(format === 'coco-polygons');
    },
  );

  test.each(['labelme', 'cvat', 'geojson'])('%s: a polygon of each region, which its reader takes', async (format) => {
    const folder = EXCHANGE_FORMATS.get(format, '').shape === 'folder';
    const place = folder ? ['--labels', format] : ['--json', `found.${format}`];
    const { code, stderr } = await lowformer(['segment', ...model, 'a.png', '--format', format, ...place], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const notes = collectNotes();
    const annotations = join(cwd, place[1] ?? '');
    const read = await openAnnotations({ annotations, format, missingArea: 'box', notes });
    expect(
      new Set(read.samples[0]?.objects.map(({ categoryId }) => read.classes[read.categoryIds.indexOf(categoryId)])),
    ).toEqual(new Set((await counted()).keys()));
  });

  test('labelstudio: polygons in percent', async () => {
    const { code, stdout } = await lowformer(['segment', ...model, 'a.png', '--format', 'labelstudio'], { cwd });
    expect(code).toBe(0);
    const [task] = z
      .array(
        z.object({
          predictions: z.array(
            z.object({
              result: z.array(
                z.object({
                  value: z.object({
                    points: z.array(z.array(z.number().min(0).max(100))),
                    polygonlabels: z.array(z.string()),
                  }),
                }),
              ),
            }),
          ),
        }),
      )
      .parse(JSON.parse(stdout));
    expect(task?.predictions[0]?.result.length).toBeGreaterThan(0);
  });

  test.each(['yolo', 'voc', 'csv', 'coco-results'])('%s holds boxes alone', async (format) => {
    const { code, stderr } = await lowformer(['segment', ...model, 'a.png', '--format', format, '--labels', 'none'], {
      cwd,
    });
    expect(code).toBe(2);
    expect(stderr).toContain(
      `--format: expected a format that holds label maps (coco, coco-polygons, coco-panoptic, yolo-seg, labelme, cvat, cvat-masks, labelstudio, labelstudio-masks, geojson) but received '${format}'`,
    );
    expect(existsSync(join(cwd, 'none'))).toBe(false);
  });

  test('label maps with their overlays, and a file beside them', async () => {
    const args = ['segment', ...model, 'a.png', '--out', 'maps', '--format', 'coco', '--json', 'both.json'];
    const { code, stderr } = await lowformer(args, { cwd });
    expect(code, stderr).toBe(0);
    expect(existsSync(join(cwd, 'maps/a.png'))).toBe(true);
    expect(
      cocoSchema.parse(JSON.parse(readFileSync(join(cwd, 'both.json'), 'utf8'))).annotations.length,
    ).toBeGreaterThan(0);
  });
});
