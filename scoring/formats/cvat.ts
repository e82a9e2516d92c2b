/** CVAT's XML for images: see data/cvat. */
import { defineNamedFormat } from './define_named.js';

export const cvat = defineNamedFormat(
  { type: 'cvat', looksLike: ({ path, kind }) => (kind === 'file' && /\.xml$/i.test(path) ? 'certain' : undefined) },
  async () => (await import('../../data/cvat.js')).readCvat,
);
