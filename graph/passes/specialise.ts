import { LowformerError } from '../../core/errors.js';
import { type Shape, sameShape } from '../../core/tensor.js';
import type { AnyNode, GraphNode, Network } from '../graph.js';
import { evaluateShapes, type Shapes } from '../shapes.js';
import type { Value } from '../value.js';
import type { Pass } from './pass.js';

/**
 * The network for inputs whose height and width are multiples of `divisor`: what is cropped or resized "like" another
 * map then often has that map's size already, or a whole part of it. Crops vanish and resizes get a constant factor,
 * for which runtimes have faster kernels. Other sizes must not be given to the result.
 */
export function specialisation(divisor: number): Pass {
  return { name: `specialise-${divisor}`, apply: (network) => specialised(network, divisor) };
}

function specialised({ graph, parameters }: Network, divisor: number): Network {
  const [input, ...others] = graph.inputs;
  if (input === undefined || others.length > 0) {
    const expected = 'a graph with one input';
    throw new LowformerError({ code: 'invalid-graph', where: 'specialise', expected, received: graph.inputs.length });
  }
  const evaluations = sampleSizes(divisor).map(([h, w]) =>
    evaluateShapes(graph, { [input.name]: [1, input.value.channels, h, w] }),
  );

  const replaced = new Map<number, Value>();
  const current = (value: Value): Value => replaced.get(value.id) ?? value;
  const nodes: AnyNode[] = [];
  for (const node of graph.nodes) {
    const rewired: AnyNode = { ...node, inputs: node.inputs.map(current) };
    const [source] = node.inputs;
    const result = source === undefined ? rewired : atTheseSizes(rewired, source, evaluations);
    if (result === 'identity') replaced.set(node.output.id, rewired.inputs[0] ?? node.output);
    else nodes.push(result);
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: current(value) }));
  return { graph: { ...graph, nodes, outputs }, parameters };
}

/** No feature pyramid here is coarser; sizes of maps repeat their pattern with it. */
const COARSEST_STRIDE = 256;

/** Heights and widths that are multiples of the divisor, of every remainder by the coarsest stride. */
export function sampleSizes(divisor: number): readonly (readonly [height: number, width: number])[] {
  const count = Math.max(2, Math.ceil(COARSEST_STRIDE / divisor));
  return Array.from({ length: count }, (_, i) => [(count + i) * divisor, (count + i + 1) * divisor] as const);
}

/** A node of the first input, or what does its work where all sizes have one ratio. */
function atTheseSizes(node: AnyNode, source: Value, evaluations: readonly Shapes[]): AnyNode | 'identity' {
  if (node.operation === 'adaptiveMaxPoolLike') {
    const kernel = constantFactor(node.output, source, evaluations);
    return kernel === undefined ? node : sideBySide(node, kernel);
  }
  const factor = constantFactor(source, node.output, evaluations);
  return factor === undefined ? node : simplified(node, factor);
}

/** Windows that share no pixel are those of a plain pooling. */
function sideBySide(node: AnyNode, kernel: number): AnyNode | 'identity' {
  if (kernel === 1) return 'identity';
  const attributes = { kernel, stride: kernel, pad: 0 };
  const pooled: GraphNode<'maxPool'> = {
    ...node,
    operation: 'maxPool',
    inputs: node.inputs.slice(0, 1),
    attributes,
  };
  return pooled;
}

function simplified(node: AnyNode, factor: number): AnyNode | 'identity' {
  switch (node.operation) {
    case 'cropLike':
      return 'identity';
    case 'padToMultiple':
      return factor === 1 ? 'identity' : node;
    case 'resizeNearestLike': {
      if (factor === 1) return 'identity';
      const nearest: GraphNode<'resizeNearest'> = {
        ...node,
        operation: 'resizeNearest',
        inputs: node.inputs.slice(0, 1),
        attributes: { factor },
      };
      return nearest;
    }
    case 'resizeBilinearLike': {
      if (factor === 1) return 'identity';
      const attributes = { ...node.attributes, factor };
      const bilinear: GraphNode<'resizeBilinear'> = {
        ...node,
        operation: 'resizeBilinear',
        inputs: node.inputs.slice(0, 1),
        attributes,
      };
      return bilinear;
    }
    default:
      return node;
  }
}

/** How many times as high and wide the second value is, where that is one whole number at every size. */
function constantFactor(from: Value, to: Value, evaluations: readonly Shapes[]): number | undefined {
  let factor: number | undefined;
  for (const shapes of evaluations) {
    const [source, target] = [shapes.get(from.id), shapes.get(to.id)];
    if (source === undefined || target === undefined || source.length !== 4) return undefined;
    const here = (target[2] ?? 0) / (source[2] ?? 1);
    if (!Number.isInteger(here) || (factor !== undefined && here !== factor)) return undefined;
    if (!sameShape(target, scaled(source, target, here))) return undefined;
    factor = here;
  }
  return factor;
}

function scaled([n = 0, , h = 0, w = 0]: Shape, [, channels = 0]: Shape, factor: number): Shape {
  return [n, channels, h * factor, w * factor];
}
