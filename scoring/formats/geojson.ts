/** GeoJSON in pixels: see data/geojson. */
import { defineNamedFormat } from './define_named.js';

export const geojson = defineNamedFormat(
  {
    type: 'geojson',
    looksLike: ({ path, kind }) => (kind === 'file' && /\.geojson$/i.test(path) ? 'certain' : undefined),
  },
  async () => (await import('../../data/geojson.js')).readGeojson,
);
