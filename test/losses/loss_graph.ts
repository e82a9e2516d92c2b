/** A graph of one loss, and what it gives in every engine. */
import { type Tensor, type Tensors, tensor } from '../../core/tensor.js';
import { graphBuilder } from '../../graph/builder.js';
import type { Graph } from '../../graph/graph.js';
import type { Value } from '../../graph/value.js';
import { createLoss, lossSchema } from '../../losses/index.js';
import type { LossInputs, LossUse } from '../../losses/loss.js';
import { runTfjs } from '../engines/tfjs/run_tfjs.js';
import { formulaNetwork, runNetwork } from '../run_network.js';

export interface LossCase {
  readonly config: object;
  readonly use?: LossUse;
  readonly ignoreIndex?: number;
  readonly prediction: Tensor;
  /** One of the two. */
  readonly labels?: Tensor;
  readonly values?: Tensor;
  readonly quality?: Tensor;
  readonly weight?: Tensor;
  readonly averageFactor?: number;
}

/** Output `loss`; inputs as the case names them. */
export function lossGraph({ config, use = 'detection', ignoreIndex, ...given }: LossCase): Graph {
  const g = graphBuilder();
  const input = (name: keyof typeof given): { readonly [name]?: Value } => {
    const value = given[name];
    if (value === undefined) return {};
    return { [name]: g.input(name, typeof value === 'number' ? 1 : (value.shape[1] ?? 1)) };
  };
  const { prediction } = input('prediction');
  const { labels, quality } = { ...input('labels'), ...input('quality') };
  const { values } = input('values');
  if (prediction === undefined) throw new Error('a loss of a prediction');
  const inputs: LossInputs = {
    use,
    prediction,
    target:
      labels === undefined
        ? { kind: 'values', values: values ?? prediction }
        : { kind: 'classes', labels, ...(quality === undefined ? {} : { quality }) },
    ...input('weight'),
    ...input('averageFactor'),
    ...(ignoreIndex === undefined ? {} : { ignoreIndex }),
  };
  const loss = createLoss(lossSchema.parse(config), use, 'loss').build(g, inputs);
  return g.finish([{ name: 'loss', value: loss }]);
}

/** The inputs of a case's graph. */
export function lossFeeds({ config: _, use: __, ignoreIndex: ___, averageFactor, ...tensors }: LossCase): Tensors {
  const factor =
    averageFactor === undefined ? {} : { averageFactor: tensor([1, 1, 1, 1], Float32Array.of(averageFactor)) };
  return { ...tensors, ...factor };
}

/** The loss in ONNX Runtime and in TensorFlow.js. */
export async function lossValues(given: LossCase): Promise<readonly number[]> {
  const network = formulaNetwork(lossGraph(given));
  const feeds = lossFeeds(given);
  const outputs = [await runNetwork(network, feeds), await runTfjs(network, feeds)];
  return outputs.map(({ loss }) => {
    if (loss?.data.length !== 1) throw new Error(`a loss of shape [${loss?.shape.join()}]`);
    return loss.data[0] ?? Number.NaN;
  });
}
