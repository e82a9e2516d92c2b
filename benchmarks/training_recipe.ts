/** What is trained by both sides: a small detector from formula weights, on made-up boxes. */
import { z } from 'zod';
import { smallDetector } from '../configs/small_lowformer.js';

export const trainingRecipeSchema = z.object({
  model: z.record(z.string(), z.unknown()),
  /** Height and width. */
  size: z.tuple([z.int(), z.int()]),
  batch: z.int(),
  threads: z.int(),
  learning_rate: z.number(),
  /** Of each picture: x1, y1, x2, y2 of its objects, one after another. */
  boxes: z.array(z.array(z.number())),
  labels: z.array(z.array(z.int())),
});
export type TrainingRecipe = z.output<typeof trainingRecipeSchema>;

const small = smallDetector(3, { octave_base_scale: 4, scales_per_octave: 3, ratios: [0.5, 1, 2] });
/** With the numbers of channels that mmdet wants to be told. */
const model = {
  ...small,
  neck: { ...small.neck, in_channels: small.backbone.widths.slice(1) },
  bbox_head: { ...small.bbox_head, in_channels: small.neck.out_channels },
};

const OBJECTS = 12;

/** Six pictures of 320x416 with a dozen objects each. */
export function trainingRecipe(threads: number): TrainingRecipe {
  const size: [number, number] = [320, 416];
  const pictures = Array.from({ length: 6 }, (_, i) => i);
  const objects = Array.from({ length: OBJECTS }, (_, i) => i);
  return {
    model,
    size,
    batch: pictures.length,
    threads,
    learning_rate: 1e-4,
    boxes: pictures.map((p) =>
      objects.flatMap((i) => {
        const [x, y] = [(37 * i + 11 * p) % 340, (53 * i + 29 * p) % 250];
        return [x, y, x + 40 + (i % 3) * 20, y + 40 + (i % 4) * 10];
      }),
    ),
    labels: pictures.map(() => objects.map((i) => i % 3)),
  };
}
