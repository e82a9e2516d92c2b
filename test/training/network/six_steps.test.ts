/** Six steps of a trained detector, held to torch's in float64: losses, gradient norms, and every parameter after them. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Tensor, tensor } from '../../../core/tensor.js';
import { openWeights } from '../../../models/network_weights.js';
import { buildLosses } from '../../../tasks/build_losses.js';
import { buildModel } from '../../../tasks/build_model.js';
import { openTrainingNetwork } from '../../../training/network/training_network.js';
import { createOptimWrapper } from '../../../training/optim_wrapper/optim_wrapper.js';
import { optimWrapperSchema } from '../../../training/optim_wrapper/schema.js';
import { formulaInput } from '../../formula_weights.js';
import { needs } from '../../needs.js';
import { parityFile } from '../../parity_file.js';

const SHAPE = [2, 3, 96, 160] as const;
const fileSchema = z.object({
  model: z.unknown(),
  boxes_xyxy: z.array(z.array(z.array(z.number()).length(4))),
  labels: z.array(z.array(z.int())),
  losses: z.array(z.record(z.string(), z.number())),
  gradient_norm_before_clipping: z.array(z.number()),
  float32_strays_by: z.object({ loss: z.number(), norm: z.number(), after: z.number() }),
  after: z.record(z.string(), z.object({ l2: z.number(), sum: z.number() })),
});

const file = parityFile('training/six_steps.json');
const checkpoint = parityFile('trained/bccd_retinanet.pth');

describe('six steps of SGD', needs('datasets', file !== undefined && checkpoint !== undefined), () => {
  const found = { losses: [] as Readonly<Record<string, number>>[], norms: [] as number[] };
  const weights: Record<string, Tensor> = {};
  let reference: z.output<typeof fileSchema>;
  /** torch's own float32 strays from its float64 by this: a share. */
  const within = (kind: 'loss' | 'norm' | 'after') => Math.max(3 * reference.float32_strays_by[kind], 1e-4);

  beforeAll(async () => {
    reference = fileSchema.parse(JSON.parse(readFileSync(file ?? '', 'utf8')));
    const model = buildModel(reference.model);
    using trained = await openWeights(model, { checkpoint: checkpoint ?? '' });
    for (const { name, shape } of model.wholeGraph.parameters.values()) {
      weights[name] = tensor(shape, trained.parameters(name).data);
    }
    await using network = await openTrainingNetwork({
      model,
      losses: buildLosses(model, reference.model),
      weights,
      engine: 'onnxruntime',
      device: 'cpu',
      batchNorm: 'frozen',
      usual: SHAPE,
    });
    const config = optimWrapperSchema.parse({
      type: 'OptimWrapper',
      optimizer: { type: 'SGD', lr: 2e-3, momentum: 0.9, weight_decay: 1e-4 },
      clip_grad: { max_norm: 10 },
    });
    const optimiser = createOptimWrapper(config, network.parameters);
    const size = { height: SHAPE[2], width: SHAPE[3] };
    const transform = { original: size, resized: size, padded: size, scaleX: 1, scaleY: 1, left: 0, top: 0 };
    const batch = {
      input: tensor(SHAPE, formulaInput('input.train_steps', SHAPE)),
      transforms: [transform, transform],
      objects: reference.boxes_xyxy.map((boxes, i) => ({
        boxes: Float32Array.from(boxes.flat()),
        labels: Int32Array.from(reference.labels[i] ?? []),
      })),
    };
    for (let iteration = 0; iteration < 6; iteration++) {
      const { losses, gradients } = await network.step(batch, { seed: 0, iteration });
      found.losses.push(losses);
      found.norms.push(optimiser.update(gradients).norm ?? Number.NaN);
    }
  }, 300_000);

  test('losses', () => {
    for (const [i, losses] of reference.losses.entries()) {
      for (const [name, loss] of Object.entries(losses)) {
        const own = found.losses[i]?.[name] ?? Number.NaN;
        expect(Math.abs(own - loss) / loss, `${name} of step ${i}`).toBeLessThan(within('loss'));
      }
    }
  });

  test('norms of the gradients before they are clipped', () => {
    for (const [i, norm] of reference.gradient_norm_before_clipping.entries()) {
      const own = found.norms[i] ?? Number.NaN;
      expect(Math.abs(own - norm) / norm, `step ${i}`).toBeLessThan(within('norm'));
    }
  });

  test('every parameter and statistic', () => {
    expect(Object.keys(reference.after).length).toBeGreaterThan(150);
    for (const [name, { l2 }] of Object.entries(reference.after)) {
      const data = weights[name]?.data ?? Float32Array.of(Number.NaN);
      const norm = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
      expect(Math.abs(norm - l2) / l2, name).toBeLessThan(within('after'));
    }
  });
});
