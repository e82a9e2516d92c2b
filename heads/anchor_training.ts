/** What the losses of heads that speak of anchors share: raw maps level by level, and the targets beside them. */
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import { type Shape, type Tensor, type Tensors, tensor } from '../core/tensor.js';
import type { BoxCoder } from '../geometry/box_coder.js';
import type { PriorGenerator } from '../geometry/priors.js';
import type { GraphBuilder, GraphRoot } from '../graph/builder.js';
import type { NamedValue } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { decodedBoxes } from '../losses/decoded_boxes.js';
import type { DetectionTruth } from '../registry/define_losses.js';
import { createPart } from '../registry/part_schema.js';
import { type AnchorGrid, anchorGrids, anchorMaps } from '../targets/anchor_grid.js';
import { type AnchorTargets, anchorTargets } from '../targets/anchor_targets.js';
import type { DenseTrainConfig } from '../targets/dense_train_cfg.js';
import { ASSIGNERS, SAMPLERS } from '../targets/index.js';

export interface AnchorTraining {
  /** The head's type, for messages. */
  readonly head: string;
  readonly classes: number;
  readonly priors: PriorGenerator;
  readonly coder: BoxCoder;
  /** mmdet's `reg_decoded_bbox`: boxes are compared by their corners, not by the coder's deltas. */
  readonly decoded: boolean;
  readonly train: DenseTrainConfig;
}

/** The raw maps of one kind, finest first. */
export function levelOutputs(outputs: readonly NamedValue[], kind: string): readonly Value[] {
  const levels: Value[] = [];
  for (let found = outputOf(outputs, `${kind}0`); found !== undefined; ) {
    levels.push(found);
    found = outputOf(outputs, `${kind}${levels.length}`);
  }
  return levels;
}

function outputOf(outputs: readonly NamedValue[], wanted: string): Value | undefined {
  return outputs.find(({ name }) => name === wanted)?.value;
}

/**
 * Boxes as a loss compares them: the raw deltas, or the corners that they lead to from anchors, which then are an input.
 * @throws {LowformerError} `invalid-config` for a coder whose decoding has no gradient here.
 */
export function predictedBoxes({
  head,
  decoded,
  coder,
  priors,
}: AnchorTraining): (g: GraphRoot, path: GraphBuilder, deltas: Value, level: number) => Value {
  if (!decoded) return (_, __, deltas) => deltas;
  const { rule } = coder;
  if (rule === undefined) {
    const expected = 'DeltaXYWHBBoxCoder, through which losses of decoded boxes flow back';
    throw new LowformerError({ code: 'invalid-config', where: `${head}.bbox_coder`, expected });
  }
  return (g, path, deltas, level) =>
    decodedBoxes(path, rule, g.input(`targets.anchors${level}`, priors.priorsPerPosition * 4), deltas);
}

/** What a batch's anchors are to say. @param shapes of the raw outputs, of which `cls<i>` are read. */
export function anchorTargetsOf({ priors, classes, coder, decoded, train }: AnchorTraining) {
  const grids = anchorGrids(priors);
  const options = {
    assigner: createPart(ASSIGNERS, train.assigner),
    sampler: createPart(SAMPLERS, train.sampler),
    ...(decoded ? {} : { coder }),
    classes,
    allowedBorder: train.allowed_border,
    positiveWeight: train.pos_weight,
  };
  return (
    batch: readonly DetectionTruth[],
    shapes: Readonly<Record<string, Shape>>,
  ): { readonly grid: AnchorGrid; readonly found: AnchorTargets } => {
    const grid = grids(priors.strides.map((_, level) => mapSize(shapes, `cls${level}`)));
    return { grid, found: anchorTargets(batch, grid, options) };
  };
}

/** Of a level's map. @param shapes of the raw outputs. */
export function mapSize(shapes: Readonly<Record<string, Shape>>, name: string): Size {
  const [, , height, width] = shapes[name] ?? [];
  if (height !== undefined && width !== undefined) return { height, width };
  throw new LowformerError({ code: 'invalid-argument', where: 'targets', expected: `the shape of output '${name}'` });
}

/** One number as losses take it. */
export function single(value: number): Tensor {
  return tensor([1, 1, 1, 1], Float32Array.of(value));
}

/** Outputs by the names of losses, each the sum of what the levels have of it. @param levels each in the order of the names. */
export function levelSums(
  g: GraphBuilder,
  names: readonly string[],
  levels: readonly (readonly Value[])[],
): readonly NamedValue[] {
  return names.map((name, which) => ({
    name,
    value: levels.flatMap((losses) => losses[which] ?? []).reduce((sum, loss) => g.add(sum, loss)),
  }));
}

/** The inputs of all levels: `targets.<name><level>`. */
export function levelInputs<Level>(levels: readonly Level[], named: (level: Level) => Tensors): Tensors {
  return Object.fromEntries(
    levels.flatMap((level, i) => Object.entries(named(level)).map(([name, value]) => [`targets.${name}${i}`, value])),
  );
}

/** The anchors of every level, for losses of decoded boxes. */
export function anchorInputs(grid: AnchorGrid, pictures: number): Tensors {
  return levelInputs(anchorMaps(grid, pictures), (anchors) => ({ anchors }));
}
