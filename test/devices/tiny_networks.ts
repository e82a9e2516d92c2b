/** Small forms of the shipped families, and all operations, for devices that are emulated and therefore slow. */
import { tensor } from '../../core/tensor.js';
import { graphBuilder } from '../../graph/builder.js';
import type { Network } from '../../graph/graph.js';
import { optimise } from '../../graph/passes/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { formulaInput } from '../formula_weights.js';
import { OPERATION_NAMES, samples } from '../graph/operation_samples.js';
import { formulaNetwork } from '../run_network.js';
import { classifier, detector, onMultiplesOf32, segmentor } from '../tools/tiny_models.js';

/** Every output, feature maps included. */
function networkOf({ model }: { readonly model: unknown }): Network {
  return optimise(formulaNetwork(buildModel(model).wholeGraph));
}

export const NETWORKS = {
  detector: networkOf(detector),
  segmentor: networkOf(segmentor),
  classifier: networkOf(classifier),
  'detector on CPUBone': networkOf(onMultiplesOf32(detector)),
} as const satisfies Readonly<Record<string, Network>>;

const SHAPE = [1, 3, 64, 96];
export const INPUT = tensor(SHAPE, formulaInput('input.64x96', SHAPE));

/** All operations side by side, on one input of 8 channels: output `conv` is that operation's, and so on. */
export function everyOperation(names: readonly (typeof OPERATION_NAMES)[number][] = OPERATION_NAMES): Network {
  const g = graphBuilder();
  const x = g.input('input', 8);
  const half = g.scope('half').conv(x, { out: 8, kernel: 3, stride: 2 });
  const outputs = names.map((name) => ({ name, value: samples[name]({ ...g, ...g.scope(name) }, x, half) }));
  return formulaNetwork(g.finish(outputs));
}

const OPERATIONS_SHAPE = [1, 8, 6, 8];
export const OPERATIONS_INPUT = tensor(OPERATIONS_SHAPE, formulaInput('input.6x8', OPERATIONS_SHAPE));
