/** Rows of boxes: see data/csv_boxes. */
import { z } from 'zod';
import { type DetectionSource, defineDetectionFormat } from './define.js';

export const csv = defineDetectionFormat({
  type: 'csv',
  schema: z.strictObject({}),
  looksLike: ({ path, kind }) => (kind === 'file' && /\.csv$/i.test(path) ? 'certain' : undefined),
  read,
  async open(source) {
    const { withNamedPictures } = await import('../../data/named_objects.js');
    const { images, allowOutside, notes } = source;
    return withNamedPictures(await read(source), images, { allowOutside, notes });
  },
});

async function read({ annotations, classes, notes }: DetectionSource<unknown>) {
  const { readCsvBoxes } = await import('../../data/csv_boxes.js');
  return readCsvBoxes(annotations, { classes, notes });
}
