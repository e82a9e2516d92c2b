/** YOLO's labels, a folder of them or a data.yaml: see data/yolo. Labels are shares of the pictures' sizes. */
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import type { DetectionDataset } from '../../data/dataset.js';
import { pathKind } from '../../data/files.js';
import { type DetectionSource, defineDetectionFormat } from './define.js';

export const yolo = defineDetectionFormat({
  type: 'yolo',
  schema: z.strictObject({}),
  folderOf: { ending: '.txt', likeness: 'possible' },
  looksLike: ({ path, kind }) => (kind !== 'folder' && /\.(ya?ml|data)$/i.test(path) ? 'certain' : undefined),
  read: readAny,
  open: readAny,
});

async function readAny(source: DetectionSource<unknown>): Promise<DetectionDataset> {
  const { annotations, images, outlines, notes } = source;
  const { readYolo, readYoloFolders } = await import('../../data/yolo.js');
  if ((await pathKind(annotations)) !== 'folder') return readYolo(annotations, { images, outlines, notes });
  const { readYoloNames } = await import('../../data/yolo_config.js');
  const beside = join(annotations, 'classes.txt');
  const own = (await pathKind(beside)) === 'file' ? await readYoloNames(beside) : undefined;
  const classes = own ?? source.classes ?? source.known;
  if (classes === undefined) {
    const expected = "the names of the classes: YOLO's data.yaml, a file with a name a line, or a,b";
    const hint = 'The option is missing.';
    throw new LowformerError({ code: 'invalid-argument', where: '--classes', expected, hint });
  }
  const folders = { images: images ?? (await picturesBeside(annotations)), labels: annotations, classes };
  return readYoloFolders(folders, { outlines, notes });
}

/** The folder `images` for a folder `labels`. */
async function picturesBeside(labels: string): Promise<string> {
  const parts = resolve(labels).split(/[\\/]/);
  const at = parts.lastIndexOf('labels');
  const images = at < 0 ? undefined : parts.with(at, 'images').join('/');
  if (images !== undefined && (await pathKind(images)) === 'folder') return images;
  const expected = "the folder of the pictures: YOLO's labels are shares of their sizes";
  const hint = 'The option is missing.';
  throw new LowformerError({ code: 'invalid-argument', where: '--images', expected, hint });
}
