/** Rows of boxes: see data/csv_boxes. */
import { defineNamedFormat } from './define_named.js';

export const csv = defineNamedFormat(
  { type: 'csv', looksLike: ({ path, kind }) => (kind === 'file' && /\.csv$/i.test(path) ? 'certain' : undefined) },
  async () => (await import('../../data/csv_boxes.js')).readCsvBoxes,
);
