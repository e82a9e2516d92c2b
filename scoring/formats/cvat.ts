/** CVAT's XML for images: see data/cvat. */
import { z } from 'zod';
import { type DetectionSource, defineDetectionFormat } from './define.js';

export const cvat = defineDetectionFormat({
  type: 'cvat',
  schema: z.strictObject({}),
  looksLike: ({ path, kind }) => (kind === 'file' && /\.xml$/i.test(path) ? 'certain' : undefined),
  read,
  async open(source) {
    const { withNamedPictures } = await import('../../data/named_objects.js');
    const { images, allowOutside, notes } = source;
    return withNamedPictures(await read(source), images, { allowOutside, notes });
  },
});

async function read({ annotations, classes, notes }: DetectionSource<unknown>) {
  const { readCvat } = await import('../../data/cvat.js');
  return readCvat(annotations, { classes, notes });
}
