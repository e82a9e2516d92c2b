/** COCO's panoptic format: see data/coco_panoptic. */
import { basename } from 'node:path';
import { z } from 'zod';
import { pathKind, stem } from '../../data/files.js';
import { defineSegmentationFormat } from './define.js';

export const cocoPanoptic = defineSegmentationFormat({
  type: 'coco-panoptic',
  schema: z.strictObject({}),
  namesClasses: true,
  async looksLike({ path, kind }) {
    const isCalledSo = kind === 'file' && /panoptic.*\.json$/i.test(basename(path));
    return isCalledSo && (await pathKind(stem(path))) === 'folder' ? 'certain' : undefined;
  },
  async open({ images, labels, ...asked }) {
    const { readCocoPanoptic } = await import('../../data/coco_panoptic.js');
    return readCocoPanoptic(labels, images, asked);
  },
});
