/** Label Studio's JSON: see data/label_studio. Told from COCO's by nothing but its content: it has to be named. */
import { z } from 'zod';
import { type DetectionSource, defineDetectionFormat } from './define.js';

export const labelStudio = defineDetectionFormat({
  type: 'labelstudio',
  schema: z.strictObject({}),
  read,
  async open(source) {
    const { withNamedPictures } = await import('../../data/named_objects.js');
    const { images, allowOutside, notes } = source;
    return withNamedPictures(await read(source), images, { allowOutside, notes });
  },
});

async function read({ annotations, classes, notes }: DetectionSource<unknown>) {
  const { readLabelStudio } = await import('../../data/label_studio.js');
  return readLabelStudio(annotations, { classes, notes });
}
