/** LabelMe's JSON, a folder of it: see data/labelme. */
import { defineNamedFormat } from './define_named.js';

export const labelme = defineNamedFormat(
  { type: 'labelme', folderOf: { ending: '.json', likeness: 'likely' } },
  async () => (await import('../../data/labelme.js')).readLabelme,
);
