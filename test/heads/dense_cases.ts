/** The losses of dense heads from raw maps, as mmdet has computed them: heads, maps, truth. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Tensor, type Tensors, tensor } from '../../core/tensor.js';
import { graphBuilder } from '../../graph/builder.js';
import type { Network } from '../../graph/graph.js';
import { atssHead } from '../../heads/atss_head.js';
import { fcosHead } from '../../heads/fcos_head.js';
import { atssHeadLosses, fcosHeadLosses, retinaHeadLosses } from '../../heads/head_losses.js';
import { retinaHead } from '../../heads/retina_head.js';
import type { DetectionTruth, HeadLosses } from '../../registry/define_losses.js';
import { formulaNumbers } from '../formula_weights.js';
import { formulaNetwork } from '../run_network.js';

const boxes = z.array(z.array(z.number()).length(4));
const size = z.tuple([z.number(), z.number()]);
const fileSchema = z.object({
  metas: z.array(z.object({ img_shape: size, pad_shape: size })),
  truths: z.record(z.string(), z.array(z.tuple([boxes, z.array(z.int())]))),
  regions: z.array(boxes),
  strides: z.array(z.int()),
  cases: z.array(
    z.object({
      title: z.string(),
      type: z.enum(['RetinaHead', 'ATSSHead', 'FCOSHead']),
      truth: z.string(),
      config: z.looseObject({ loss_cls: z.looseObject({}) }),
      train: z.unknown(),
      losses: z.record(z.string(), z.number()),
      gradients: z.record(z.string(), z.object({ l2: z.number(), sum: z.number() })),
    }),
  ),
});
const reference = fileSchema.parse(
  JSON.parse(readFileSync(new URL('../fixtures/reference/training/dense_losses.json', import.meta.url), 'utf8')),
);

const CLASSES = 3;
const [HEIGHT, WIDTH] = [64, 96];
function batchOf(name: string): readonly DetectionTruth[] {
  return (reference.truths[name] ?? []).map(([corners, labels], i) => {
    const { img_shape: shape = [0, 0], pad_shape: padded = [0, 0] } = reference.metas[i] ?? {};
    return {
      boxes: Float32Array.from(corners.flat()),
      labels: Int32Array.from(labels),
      ignored: Float32Array.from((reference.regions[i] ?? []).flat()),
      size: { height: shape[0], width: shape[1] },
      padded: { height: padded[0], width: padded[1] },
    };
  });
}

/** The losses of a config, checked as a model's are. */
function lossesOf({ type, config, train }: (typeof reference.cases)[number]): HeadLosses<DetectionTruth> {
  const written = { num_classes: CLASSES, norm_cfg: null, ...config };
  const { loss_bbox: _, loss_centerness: __, ...keys }: Record<string, unknown> = written;
  const contexts = { head: { path: 'model.bbox_head' }, train: { path: 'model.train_cfg' } };
  switch (type) {
    case 'RetinaHead':
      return retinaHeadLosses.create(retinaHead.schema.parse(keys), written, train, contexts);
    case 'ATSSHead':
      return atssHeadLosses.create(atssHead.schema.parse(keys), written, train, contexts);
    case 'FCOSHead': {
      const { regress_ranges: _, center_sampling: __, center_sample_radius: ___, ...own } = keys;
      return fcosHeadLosses.create(fcosHead.schema.parse(own), written, train, contexts);
    }
  }
}

/** Raw maps by name, as the reference has made them. */
function mapsOf({ title, type, config }: (typeof reference.cases)[number]): Readonly<Record<string, Tensor>> {
  const anchors = type === 'RetinaHead' ? 6 : 1;
  const channels = config.loss_cls.use_sigmoid === false ? CLASSES + 1 : CLASSES;
  const kinds = { cls: channels, reg: 4, ...(type === 'RetinaHead' ? {} : { centerness: 1 }) };
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([kind, size]) =>
      reference.strides.map((stride, level) => {
        const shape = [2, anchors * size, HEIGHT / stride, WIDTH / stride];
        const count = shape.reduce((product, extent) => product * extent, 1);
        const name = `${kind}${level}`;
        return [
          name,
          tensor(
            shape,
            formulaNumbers(`${title}.${name}`, count, (u) => rawNumber(type, kind, u)),
          ),
        ];
      }),
    ),
  );
}

/** FCOS's distances are pixels, none below 0. */
function rawNumber(type: string, kind: string, u: number): number {
  if (kind !== 'reg') return 4 * u - 2;
  return type === 'FCOSHead' ? 30 * u + 0.5 : (4 * u - 2) * 0.3;
}

export interface DenseCase {
  readonly title: string;
  /** From raw maps and targets to losses, by mmdet's names. */
  readonly network: Network;
  readonly maps: readonly string[];
  readonly feeds: Tensors;
  readonly losses: Readonly<Record<string, number>>;
  /** Of each map's gradient, the losses summed: its norm and the sum of its elements. */
  readonly gradients: Readonly<Record<string, { readonly l2: number; readonly sum: number }>>;
}

export const DENSE_CASES = reference.cases.map((given): DenseCase => {
  const losses = lossesOf(given);
  const maps = mapsOf(given);
  const g = graphBuilder();
  const outputs = Object.entries(maps).map(([name, { shape }]) => ({ name, value: g.input(name, shape[1] ?? 0) }));
  const network = formulaNetwork(g.finish(losses.build(g, outputs)));
  const shapes = Object.fromEntries(Object.entries(maps).map(([name, { shape }]) => [name, shape]));
  return {
    title: given.title,
    network,
    maps: Object.keys(maps),
    feeds: { ...maps, ...losses.targets(batchOf(given.truth), shapes) },
    losses: given.losses,
    gradients: given.gradients,
  };
});
