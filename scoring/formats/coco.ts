/** COCO's JSON: see data/coco. */
import { z } from 'zod';
import { defineDetectionFormat } from './define.js';

export const coco = defineDetectionFormat({
  type: 'coco',
  schema: z.strictObject({}),
  // Any file may be one: its reader says what it is instead.
  looksLike: ({ kind }) => (kind === 'folder' ? undefined : 'possible'),
  async read({ annotations, missingArea, outlines, notes }) {
    const { readCocoAnnotations } = await import('../../data/coco.js');
    return readCocoAnnotations(annotations, { missingArea, outlines, notes });
  },
  async open({ annotations, images, missingArea, outlines, allowOutside, notes }) {
    const { readCoco } = await import('../../data/coco.js');
    return readCoco(annotations, images, { missingArea, outlines, allowOutside, notes });
  },
});
