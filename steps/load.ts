/** Steps that read files, of which a pipeline here has none to read: the picture comes decoded, and its annotations with it. */
import { z } from 'zod';
import { defineStep } from '../registry/define_step.js';
import { ignored } from './keys.js';

/** mmcv's `LoadImageFromFile`: the keys are held to what decoding does. */
export const loadImageFromFile = defineStep({
  type: 'LoadImageFromFile',
  schema: z.strictObject({
    to_float32: z.literal(false, { error: 'expected false: pictures are resized with 8 bits' }).default(false),
    color_type: z.literal('color', { error: "expected 'color'" }).default('color'),
    imdecode_backend: z
      .enum(['cv2', 'pillow'], { error: "expected 'cv2' or 'pillow': others ignore EXIF" })
      .nullable()
      .default('cv2'),
    backend_args: ignored,
    file_client_args: ignored,
    ignore_empty: ignored,
  }),
  parts: 'same',
  apply: (sample) => sample,
});

export const loadAnnotations = defineStep({
  type: 'LoadAnnotations',
  schema: z.looseObject({}),
  parts: 'same',
  apply: (sample) => sample,
});
