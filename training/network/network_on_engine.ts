/**
 * A network that is trained: its weights in arrays that change in place, and a step's losses and gradients by an engine that
 * is given. Free of Node's API.
 */
import { LowformerError } from '../../core/errors.js';
import { type Shape, sameShape, type Tensor, type Tensors } from '../../core/tensor.js';
import type { Engine } from '../../engines/engine.js';
import { afterName } from '../../graph/gradients/batch_statistics.js';
import { gradientName } from '../../graph/gradients/differentiate.js';
import { drawMask, type MaskSite, maskName } from '../../graph/gradients/masks.js';
import type { Graph, Network } from '../../graph/graph.js';
import type { TrainingBatchTensors } from '../../images/training_batch.js';
import type { ModelLosses } from '../../tasks/build_losses.js';
import type { Model } from '../../tasks/model.js';
import { type TrainedParameter, trainedParameters } from '../optim_wrapper/trained_parameter.js';
import { enginesFor } from './engines_by_shape.js';
import { type TrainingGraph, trainingGraph } from './training_graph.js';
import { batchTargets, targetShapes } from './truths.js';

/**
 * Which batch norms take the statistics of the batch: all (`batch`), none (`frozen`: running statistics stand), or those that
 * the config does not freeze (`config`: by the backbone's `norm_eval` and `frozen_stages`).
 */
export type BatchNormMode = 'batch' | 'frozen' | 'config';

export interface TrainedNetwork {
  readonly model: Model;
  /** Of that model. */
  readonly losses: ModelLosses;
  /** The whole state_dict by name. The arrays are taken over, and change in place. */
  readonly weights: Tensors;
  /** `config` where absent. */
  readonly batchNorm?: BatchNormMode | undefined;
  /** Whether what the config leaves out by chance (dropout, stochastic depth) is left out; true where absent. */
  readonly drops?: boolean | undefined;
  /**
   * [N, 3, H, W] of the batches that are to come, where it is known: they run in a network for that shape alone, which ONNX Runtime
   * makes ready in a third of the time. Another is made where batches of other shapes come, and then.
   */
  readonly usual?: Shape | undefined;
}

/** What decides what is left out by chance in a step. */
export interface Draw {
  /** Of the run. */
  readonly seed: number;
  /** Of the step, counted over the whole run. */
  readonly iteration: number;
}

export interface TrainingStep {
  /** By the names that OpenMMLab logs. */
  readonly losses: Readonly<Record<string, number>>;
  /** Numbers beside the losses: an accuracy. */
  readonly logged: Readonly<Record<string, number>>;
  /** The sum of the losses, whose gradients these are. */
  readonly loss: number;
  /** By the names of the parameters, in their shapes; the caller's own. */
  readonly gradients: Tensors;
}

export interface TrainingNetwork extends AsyncDisposable {
  /** What is trained, in the order of the state_dict: whoever changes these arrays changes the network. */
  readonly parameters: readonly TrainedParameter[];
  /**
   * The whole state_dict by name: the arrays in use. Running statistics, and torch's counters of batches, move in place
   * after each step.
   */
  readonly weights: Tensors;
  readonly losses: readonly string[];
  readonly logged: readonly string[];
  /**
   * Losses and gradients of one batch of any size that the network takes; parameters stay as they are. One at a time.
   * @throws {LowformerError} `invalid-argument` for a batch of another task, labels of no class, or a size that the network
   *   does not take; what the engine throws.
   */
  step(
    batch: TrainingBatchTensors,
    draw: Draw,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<TrainingStep>;
}

/**
 * Makes a network ready to be trained by an engine. What is frozen costs nothing.
 * @param createEngine an engine for the graph of a step, in float32; disposed with the network.
 * @throws {LowformerError} `invalid-argument` for weights that are missing, or of another shape; what `createEngine` throws.
 */
export async function trainingNetworkOn(
  createEngine: (network: Network) => Promise<Engine>,
  { model, losses, weights, batchNorm = 'config', drops = true, usual }: TrainedNetwork,
): Promise<TrainingNetwork> {
  const { frozen, momentum } = losses;
  const masks = drops ? losses.masks : [];
  for (const { name, shape } of model.wholeGraph.parameters.values()) checkWeight(name, weights[name], shape);
  const values = (name: string): Tensor => found(weights, name);
  const built = trainingGraph(losses.graph, values, {
    losses: losses.losses,
    ofBatch: (scope) => batchNorm === 'batch' || (batchNorm === 'config' && !frozen.statistics(scope)),
    trained: (name) => !frozen.parameters(name),
    masks,
    momentum,
  });
  const fed = [...built.network.graph.parameters.values()].filter((one) => one.fed).map(({ name }) => name);
  const engines = await enginesFor(
    createEngine,
    built.network,
    usual && { shape: usual, inputs: (batch) => inputShapes(built, masks, losses, model, batch) },
  );
  return {
    parameters: trainedParameters(losses.graph, new Map(Object.entries(weights)), (name) => built.trained.has(name)),
    weights,
    losses: losses.losses,
    logged: losses.logged,
    async step(batch, draw, { signal } = {}) {
      const inputs = {
        input: batch.input,
        ...batchTargets(losses, batch, model.preprocessor),
        ...drawnMasks(built, masks, batch.input.shape[0] ?? 0, draw),
        ...Object.fromEntries(fed.map((name) => [name, values(name)])),
      };
      const engine = await engines.of(batch.input.shape);
      const outputs = await engine.run(inputs, signal === undefined ? {} : { signal });
      for (const name of built.moving) values(name).data.set(found(outputs, afterName(name)).data);
      for (const name of built.counters)
        values(name).data.forEach((count, i, counts) => {
          counts[i] = count + 1;
        });
      const numbers = (names: readonly string[]) =>
        Object.fromEntries(names.map((name) => [name, found(outputs, name).data[0] ?? Number.NaN]));
      const each = numbers(losses.losses);
      return {
        losses: each,
        logged: numbers(losses.logged),
        loss: Object.values(each).reduce((sum, loss) => sum + loss, 0),
        gradients: Object.fromEntries([...built.trained].map((name) => [name, found(outputs, gradientName(name))])),
      };
    },
    [Symbol.asyncDispose]: () => engines[Symbol.asyncDispose](),
  };
}

/** Of everything that a step of this shape is given, beside weights. */
function inputShapes(
  { network: { graph } }: TrainingGraph,
  masks: readonly MaskSite[],
  losses: ModelLosses,
  { preprocessor }: Model,
  input: Shape,
): Readonly<Record<string, Shape>> {
  const drawn = masks.map(
    (site) => [maskName(site), [input[0] ?? 0, channelsOf(graph, maskName(site)), 1, 1]] as const,
  );
  return { input, ...targetShapes(losses, input, preprocessor), ...Object.fromEntries(drawn) };
}

function channelsOf({ inputs }: Graph, name: string): number {
  return inputs.find((input) => input.name === name)?.value.channels ?? 0;
}

function drawnMasks(
  { network: { graph } }: TrainingGraph,
  masks: readonly MaskSite[],
  pictures: number,
  { seed, iteration }: Draw,
): Tensors {
  return Object.fromEntries(
    masks.map((site) => {
      const name = maskName(site);
      return [name, drawMask(site, pictures, channelsOf(graph, name), seed, iteration)];
    }),
  );
}

function found(tensors: Tensors, name: string): Tensor {
  const value = tensors[name];
  if (value === undefined) throw new RangeError(`no tensor ${name}`);
  return value;
}

function checkWeight(name: string, weight: Tensor | undefined, shape: readonly number[]): void {
  if (weight !== undefined && sameShape(weight.shape, shape)) return;
  const expected = `a weight of shape [${shape.join(', ')}]`;
  const received = weight === undefined ? 'none' : `[${weight.shape.join(', ')}]`;
  throw new LowformerError({ code: 'invalid-argument', where: name, expected, received });
}
