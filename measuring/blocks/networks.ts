/** Single layers as networks, a few of them in a row so that handing tensors over weighs little. */

import { graphBuilder } from '../../graph/builder.js';
import { countMacs } from '../../graph/count.js';
import type { Graph, Network } from '../../graph/graph.js';
import { initialWeights } from '../../models/network_weights.js';
import { deployGraph } from '../../tasks/deploy.js';
import type { BlockVariant } from './comparisons.js';

/** A layer, `repeats` times over. */
export interface BlockNetwork {
  readonly graph: Graph;
  readonly repeats: number;
  /** Of one of the repeated layers. */
  readonly macs: number;
}

/** So much work that starting a run and handing over its tensors weighs little. */
const ENOUGH_MACS = 60e6;
const MOST_REPEATS = 16;
const MOST_MACS = 2.5e9;

/**
 * [1, 1, side, side] -> the layers at `channels` -> their mean [1, channels]: a 1x1 convolution makes the first map and a
 * global pool ends it, the same for both variants, so that only a small map and a few numbers pass to and from the engine.
 * @returns both variants with the same repeats; undefined where one of them is too much work to be measured in passing.
 */
export function blockNetworks(
  variants: readonly [BlockVariant, BlockVariant],
  channels: number,
  side: number,
): readonly [BlockNetwork, BlockNetwork] | undefined {
  const macs = variants.map((variant) => macsOfOne(variant, channels, side));
  if (Math.max(...macs) > MOST_MACS) return undefined;
  const repeats = Math.min(MOST_REPEATS, Math.max(2, Math.ceil(ENOUGH_MACS / Math.min(...macs))));
  const [first, second] = variants;
  return [
    { graph: blockGraph(first, channels, repeats), repeats, macs: macs[0] ?? 0 },
    { graph: blockGraph(second, channels, repeats), repeats, macs: macs[1] ?? 0 },
  ];
}

function macsOfOne(variant: BlockVariant, channels: number, side: number): number {
  const inputs = { input: [1, 1, side, side] };
  return countMacs(blockGraph(variant, channels, 1), inputs) - countMacs(blockGraph(variant, channels, 0), inputs);
}

function blockGraph({ width, layers, build }: BlockVariant, channels: number, repeats: number): Graph {
  const g = graphBuilder();
  let x = g.scope('first').conv(g.input('input', 1), { out: width(channels), kernel: 1 });
  for (let i = 0; i < repeats * layers; i++) x = build(g.scope(`layers.${i}`), x);
  return g.finish([{ name: 'output', value: g.emit('globalAveragePool', [x], {}) }]);
}

/** As the engine loads it, for maps of this side; weights are random, seeded by their names. */
export function runnableBlock({ graph }: BlockNetwork, side: number): Network {
  return deployGraph(
    { graph, parameters: initialWeights({ wholeGraph: graph, checkpointFacts: [] }).parameters },
    side,
  );
}
