/** The boxes that the page saves, and Node's in the same form. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { z } from 'zod';
import { loadDetector } from '../../../models/load_model.js';
import { detectionRecord } from '../../../models/result_records.js';
import { savedFile } from './browser.js';

const recordSchema = z.tuple([
  z.strictObject({
    file: z.string(),
    width: z.int(),
    height: z.int(),
    detections: z.array(
      z.strictObject({
        bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
        score: z.number(),
        class_index: z.int(),
        category_id: z.int(),
        category: z.string(),
      }),
    ),
  }),
]);
export type Found = z.output<typeof recordSchema>[0]['detections'];

export async function savedDetections(page: Page): Promise<Found> {
  const [{ detections }] = recordSchema.parse(JSON.parse((await savedFile(page, '#save-json')).toString()));
  return detections;
}

/** What Node finds with the same model in the same file. */
export async function inNode(config: string, checkpoint: string, file: string): Promise<Found> {
  await using model = await loadDetector(config, { checkpoint });
  const result = await model.predict(file);
  const [{ detections }] = recordSchema.parse([detectionRecord(file, result, result.detections)]);
  return detections;
}

interface Bounds {
  readonly pixels: number;
  readonly score: number;
}
/** The processor computes as Node does; a graphics processor sums in another order. */
export const BOUNDS = { wasm: { pixels: 0.01, score: 1e-4 }, webgpu: { pixels: 0.05, score: 1e-3 } } as const;

/** The same objects, best first. */
export function expectSame(found: Found, expected: Found, bounds: Bounds): void {
  // A box at the config's lowest score may be in on one side and out on the other.
  const sure = (detections: Found) => detections.filter(({ score }) => score > 0.052);
  expect(sure(found).length).toBe(sure(expected).length);
  expect(sure(expected).length).toBeGreaterThan(5);
  for (const [i, { bbox, score, category }] of sure(expected).entries()) {
    const other = found[i];
    expect(other?.category).toBe(category);
    expect(Math.abs((other?.score ?? Number.NaN) - score)).toBeLessThan(bounds.score);
    const corners = ([x, y, width, height]: readonly number[] = []) =>
      [x, y, (x ?? 0) + (width ?? 0), (y ?? 0) + (height ?? 0)].map((value) => value ?? Number.NaN);
    const apart = corners(other?.bbox).map((value, k) => Math.abs(value - (corners(bbox)[k] ?? Number.NaN)));
    expect(Math.max(...apart)).toBeLessThan(bounds.pixels);
  }
}
