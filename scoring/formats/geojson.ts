/** GeoJSON in pixels: see data/geojson. */
import { z } from 'zod';
import { type DetectionSource, defineDetectionFormat } from './define.js';

export const geojson = defineDetectionFormat({
  type: 'geojson',
  schema: z.strictObject({}),
  looksLike: ({ path, kind }) => (kind === 'file' && /\.geojson$/i.test(path) ? 'certain' : undefined),
  read,
  async open(source) {
    const { withNamedPictures } = await import('../../data/named_objects.js');
    const { images, allowOutside, notes } = source;
    return withNamedPictures(await read(source), images, { allowOutside, notes });
  },
});

async function read({ annotations, classes, notes }: DetectionSource<unknown>) {
  const { readGeojson } = await import('../../data/geojson.js');
  return readGeojson(annotations, { classes, notes });
}
