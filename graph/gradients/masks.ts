/**
 * What is left out while training: whole channels (torch.nn.Dropout2d), or whole branches beside the way around them
 * (stochastic depth, Huang et al., arXiv 1603.09382). Which ones is an input of the graph, drawn outside of it from a seed,
 * so that every engine leaves out the same, and a run that was interrupted goes on as it would have.
 */
import { LowformerError } from '../../core/errors.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import type { AnyNode, GraphInput, Network } from '../graph.js';
import type { Pass } from '../passes/pass.js';
import type { Value } from '../value.js';
import { addingTo } from './emitting.js';

export interface MaskSite {
  /** The module: `decode_head.conv_seg`, `backbone.stages.0.op_list.1.main`. */
  readonly module: string;
  /** `input`: what the module reads first. `output`: what it gives, as far as others read it. */
  readonly at: 'input' | 'output';
  /** `channel`: each channel of each picture by itself. `picture`: all of a picture's channels together. */
  readonly of: 'channel' | 'picture';
  /** How much of it is left out; the rest grows by as much, so that means stay. */
  readonly rate: number;
}

/** What the graph input with the factors of a site is called; [N, C, 1, 1]. */
export function maskName({ module }: MaskSite): string {
  return `mask.${module}`;
}

/**
 * Multiplies what stands at each site by an input [N, C, 1, 1] of its own, before gradients are taken.
 * @throws {LowformerError} `invalid-argument` for a module that the graph does not have, a site that is no map, or two sites
 *   of one module.
 */
export function insertMasks(sites: readonly MaskSite[]): Pass {
  return { name: 'insert-masks', apply: (network) => sites.reduce(masked, network) };
}

function masked({ graph, parameters }: Network, site: MaskSite): Network {
  const inModule = ({ scope }: AnyNode) => scope === site.module || scope.startsWith(`${site.module}.`);
  const name = maskName(site);
  const last = graph.nodes.findLastIndex(inModule);
  const index = site.at === 'input' ? graph.nodes.findIndex(inModule) : last;
  const node = graph.nodes[index];
  const value = site.at === 'input' ? node?.inputs[0] : node?.output;
  if (node === undefined || value === undefined) throw unknown('a module of the graph', site);
  if (value.kind !== 'map') throw unknown('a module with a feature map there', site);
  if (graph.inputs.some((input) => input.name === name)) throw unknown('one mask a module', site);

  const added = addingTo(graph);
  const factors = added.value({ kind: 'map', channels: value.channels });
  const input: GraphInput = { name, value: factors };
  const product = added.emit(site.module, 'gate', [value, factors], {});
  const read = (one: Value): Value => (one.id === value.id ? product : one);
  const reads = (one: AnyNode, i: number) => (site.at === 'input' ? inModule(one) : i > last);
  const rewired = graph.nodes.map(
    (one, i): AnyNode => (reads(one, i) ? { ...one, inputs: one.inputs.map(read) } : one),
  );
  const place = site.at === 'input' ? index : last + 1;
  const nodes = [...rewired.slice(0, place), ...added.nodes, ...rewired.slice(place)];
  const outputs =
    site.at === 'input' ? graph.outputs : graph.outputs.map((output) => ({ ...output, value: read(output.value) }));
  return { graph: { ...graph, inputs: [...graph.inputs, input], nodes, outputs }, parameters };
}

function unknown(expected: string, received: MaskSite): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where: 'insertMasks', expected, received: received.module });
}

/**
 * The factors of a site for one step: 0 for what is left out, else 1 / (1 - rate). They follow from seed, step and module
 * alone, in whatever order they are drawn.
 * @returns [batch, channels, 1, 1].
 * @throws {LowformerError} `invalid-argument` for a rate that is not from 0 up to, but not, 1.
 */
export function drawMask(site: MaskSite, batch: number, channels: number, seed: number, step: number): Tensor {
  const { rate, of } = site;
  if (!(rate >= 0 && rate < 1)) {
    const where = `mask of ${site.module}`;
    throw new LowformerError({ code: 'invalid-argument', where, expected: 'a rate from 0 to below 1', received: rate });
  }
  const start = [...maskName(site)].reduce((hash, letter) => mixed(hash ^ (letter.codePointAt(0) ?? 0)), seed);
  const stream = mixed(mixed(start) + Math.imul(step, 0x9e3779b9));
  const factor = (draw: number) => (mixed(stream + Math.imul(draw, 0x85ebca6b)) / 2 ** 32 < rate ? 0 : 1 / (1 - rate));
  const data = Float32Array.from({ length: batch * channels }, (_, i) =>
    factor(of === 'picture' ? Math.floor(i / channels) : i),
  );
  return tensor([batch, channels, 1, 1], data);
}

/** Every bit of 32 moves about half of the others (Ellis' "lowbias32"). */
function mixed(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
