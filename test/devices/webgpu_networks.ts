/** Networks of what is written otherwise for WebGPU than for other devices. */
import { type Tensor, type Tensors, tensor } from '../../core/tensor.js';
import { graphBuilder } from '../../graph/builder.js';
import type { Network } from '../../graph/graph.js';
import { formulaInput } from '../formula_weights.js';
import { formulaNetwork } from '../run_network.js';

/** Multiples of three that are none of four, and what lies around them. */
export const CHANNELS = [1, 2, 3, 5, 6, 9, 10, 12, 15, 18, 27] as const;

/** Convolutions of that many channels side by side, and the gradient of one with as many outputs. */
export function convolutionsOf(channels: number): { readonly network: Network; readonly input: Tensor } {
  const g = graphBuilder();
  const x = g.input('input', channels);
  const wide = g.scope('wide').conv(x, { out: 8, kernel: 3 });
  const turned = { out: channels, kernel: 3, stride: 1, pad: 1, groups: 1, bias: false };
  const forms = {
    wide,
    narrow: g.scope('narrow').conv(x, { out: 7, kernel: 3, stride: 2, bias: false }),
    even: g.scope('even').conv(x, { out: 8, kernel: 2, stride: 2, pad: 0 }),
    single: g.scope('single').conv(x, { out: 8, kernel: 1, stride: 2 }),
    pixels: g.scope('pixels').conv(x, { out: 7, kernel: 1 }),
    framed: g.scope('framed').conv(x, { out: 8, kernel: 1, pad: 1 }),
    thirds: g.scope('thirds').conv(x, { out: 6, kernel: 3, groups: channels % 3 === 0 ? 3 : 1 }),
    depthwise: g.scope('depthwise').conv(x, { out: channels, kernel: 3, groups: channels }),
    transposed: g.scope('transposed').convTranspose(x, { out: 7, kernel: 4, stride: 2, pad: 1 }),
    gradient: g.scope('gradient').emit('convInputGradient', [wide, x], turned),
  };
  const network = formulaNetwork(g.finish(Object.entries(forms).map(([name, value]) => ({ name, value }))));
  const shape = [2, channels, 7, 9];
  return { network, input: tensor(shape, formulaInput(`input.${channels}`, shape)) };
}

/** Gradients of poolings of a map of 8 channels, most of whose pixels equal their neighbours. */
export function poolingsOfEqualPixels(): Network {
  const g = graphBuilder();
  const steps = g.relu(g.emit('sign', [g.input('input', 8)], {}));
  const outputs = [
    { kernel: 3, stride: 2, pad: 1 },
    { kernel: 2, stride: 2, pad: 0 },
    { kernel: 5, stride: 1, pad: 2 },
  ].map((attributes, i) => {
    const scope = g.scope(`pooling${i}`);
    const gradient = scope.emit('maxPool', [scope.emit('silu', [steps], {})], attributes);
    return { name: `y${i}`, value: scope.emit('maxPoolGradient', [steps, gradient], attributes) };
  });
  return formulaNetwork(g.finish(outputs));
}

/** The best priors of two levels, whose scores are steps of an eighth: one level is sorted in parts by the device, the other at once. */
export function candidatesOfEqualScores(): { readonly network: Network; readonly inputs: Tensors } {
  const g = graphBuilder();
  const levels = [0, 1].map((i) => {
    const maps = [g.input(`cls${i}`, 6), g.input(`reg${i}`, 12)];
    return g.emit('topRows', maps, { priors: 3, most: 50 });
  });
  const value = levels.reduce((before, rows) => g.emit('joinRows', [before, rows], {}));
  const map = (name: string, shape: readonly number[]) => {
    const data = formulaInput(name, shape).map((number) => Math.round(8 * number) / 8);
    return [name, tensor(shape, data)] as const;
  };
  const inputs = Object.fromEntries([
    map('cls0', [2, 6, 24, 32]),
    map('reg0', [2, 12, 24, 32]),
    map('cls1', [2, 6, 3, 4]),
    map('reg1', [2, 12, 3, 4]),
  ]);
  return { network: formulaNetwork(g.finish([{ name: 'rows', value }])), inputs };
}
