/** LabelMe's JSON, a folder of it: see data/labelme. */
import { z } from 'zod';
import { type DetectionSource, defineDetectionFormat } from './define.js';

export const labelme = defineDetectionFormat({
  type: 'labelme',
  schema: z.strictObject({}),
  folderOf: { ending: '.json', likeness: 'likely' },
  read,
  async open(source) {
    const { withNamedPictures } = await import('../../data/named_objects.js');
    const { images, allowOutside, notes } = source;
    return withNamedPictures(await read(source), images, { allowOutside, notes });
  },
});

async function read({ annotations, classes, notes }: DetectionSource<unknown>) {
  const { readLabelme } = await import('../../data/labelme.js');
  return readLabelme(annotations, { classes, notes });
}
