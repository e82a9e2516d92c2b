/** What mmdet and mmseg say of losses: values and gradients, kept whole. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readSafetensors } from '../read_safetensors.js';

const fileSchema = z.object({
  avg_factor: z.object({ classification: z.number(), boxes: z.number() }).optional(),
  cases: z.record(z.string(), z.object({ loss_cfg: z.looseObject({ type: z.string() }), value: z.number() })),
});

/** @param name `losses` or `losses_segmentation`. */
export function readLosses(name: string) {
  const at = (ending: string) => new URL(`../fixtures/reference/training/${name}.${ending}`, import.meta.url);
  const { avg_factor, cases } = fileSchema.parse(JSON.parse(readFileSync(at('json'), 'utf8')));
  const gradients = readSafetensors(at('safetensors'));
  return {
    averageFactors: avg_factor ?? { classification: 1, boxes: 1 },
    cases: Object.entries(cases).map(([title, { loss_cfg, value }]) => ({
      title,
      config: loss_cfg,
      value,
      gradient: gradients.float32(`${title}.grad`),
    })),
  };
}

const moreSchema = z.record(
  z.string(),
  z.object({
    loss_cfg: z.looseObject({ type: z.string() }),
    value: z.number(),
    l2: z.number(),
    gradient: z.array(z.number()),
  }),
);

/** Further forms: of gradients the norm and the first four rows. */
export function readMoreLosses() {
  const path = new URL('../fixtures/reference/training/more_losses.json', import.meta.url);
  return Object.entries(moreSchema.parse(JSON.parse(readFileSync(path, 'utf8')))).map(
    ([title, { loss_cfg: config, ...values }]) => ({ title, config, ...values }),
  );
}
