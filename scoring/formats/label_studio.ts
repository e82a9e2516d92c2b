/** Label Studio's JSON: see data/label_studio. Told from COCO's by nothing but its content: it has to be named. */
import { defineNamedFormat } from './define_named.js';

export const labelStudio = defineNamedFormat(
  { type: 'labelstudio' },
  async () => (await import('../../data/label_studio.js')).readLabelStudio,
);
