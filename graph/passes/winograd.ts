import type { AnyNode, Graph, GraphNode, Network } from '../graph.js';
import { paddingOf } from '../operations/convolution.js';
import { KERNEL, READ, TILE } from '../operations/winograd.js';
import { evaluateShapes, fixedShapes, type Shapes } from '../shapes.js';
import { foldedParameters } from './folded_parameters.js';
import { parameterOf } from './parameter_of.js';
import type { Pass } from './pass.js';
import { sampleSizes } from './specialise.js';

/**
 * Convolutions of kernel 3 and stride 1 between many channels, on maps that are fine and not the finest, are done by tiles
 * (`winogradConv`), with a quarter of the multiplications. What moves their numbers about costs by channels and not by their
 * product, so that narrow ones stay; a kernel is four times as large as it was, in memory and while it is loaded, so that those
 * that meet few pixels on all the maps that share it stay; and the maps of a step are larger, so that those of the finest stay,
 * which are most of a network's memory.
 */
export const winograd: Pass = { name: 'winograd', apply };

/** Channels on both sides from which on it is faster in ONNX Runtime. */
const CHANNELS = 64;
/** Where nothing else is known. */
const USUAL_SIDE = 512;
/** At the usual size: tiles from which on it is faster on a map, and is worth a larger kernel on all the maps that share it. */
const LEAST_TILES = 64;
const LEAST_TILES_OF_KERNEL = 256;
/** Pixels of a side up to which memory stays what it is. */
const LARGEST_SIDE = 64;

function apply(network: Network, divisor: number): Network {
  const { graph } = network;
  const folded = foldedParameters(network);
  // A number of that size is a size.
  const side = divisor >= 128 ? Math.min(divisor, USUAL_SIDE) : USUAL_SIDE;
  const usual = fixedShapes(graph) ?? shapesOf(graph, side, side);
  const sizes = sizesOf(graph, divisor);

  /** Of a convolution that it is faster for; 0 for others. */
  function tilesOf(node: AnyNode): number {
    if (node.operation !== 'conv') return 0;
    const { out, kernel, stride, groups, dilation = 1 } = node.attributes;
    if (kernel !== 3 || stride !== 1 || groups !== 1 || dilation !== 1) return 0;
    if (paddingOf(node.attributes).some((rows) => rows !== 1)) return 0;
    if (Math.min(node.inputs[0]?.channels ?? 0, out) < CHANNELS) return 0;
    const [, , height = 0, width = 0] = usual.get(node.output.id) ?? [];
    const tiles = Math.ceil(height / TILE) * Math.ceil(width / TILE);
    return tiles >= LEAST_TILES && Math.max(height, width) <= LARGEST_SIDE ? tiles : 0;
  }

  const tilesOfKernel = new Map<string | undefined, number>();
  for (const node of graph.nodes) {
    const { weight } = node.parameters;
    tilesOfKernel.set(weight, (tilesOfKernel.get(weight) ?? 0) + tilesOf(node));
  }
  const pays = (node: GraphNode<'conv'>): boolean =>
    tilesOf(node) > 0 && (tilesOfKernel.get(node.parameters.weight) ?? 0) >= LEAST_TILES_OF_KERNEL;

  // One for all kernels: arrays that are let go in turn stay in memory until they are collected, half of the weights in all.
  let kernels = new Float32Array();
  function byTiles(node: GraphNode<'conv'>): AnyNode {
    const { out, bias } = node.attributes;
    const name = parameterOf(node, 'weight');
    const channels = node.inputs[0]?.channels ?? 0;
    const count = out * channels;
    const weight = folded.add(`${name}.winograd`, [READ ** 2, out, channels], (into) => {
      if (kernels.length < 9 * count) kernels = new Float32Array(9 * count);
      return transformed(folded.read(name, kernels).data, count, into);
    });
    const whole = sizes?.every((shapes) => isWhole(shapes, node)) ?? false;
    const { inputs, output, scope } = node;
    const parameters = { ...node.parameters, weight };
    return { operation: 'winogradConv', attributes: { out, bias, whole }, inputs, output, parameters, scope };
  }

  const nodes = graph.nodes.map((node) => (node.operation === 'conv' && pays(node) ? byTiles(node) : node));
  return folded.applyTo({ ...graph, nodes });
}

/** The shapes at one size of the picture; of several inputs, which are then the levels of a pyramid, one is half the one before. */
function shapesOf(graph: Graph, height: number, width: number): Shapes {
  const [, ...others] = graph.inputs;
  const shapes = graph.inputs.map(({ name, value }, i) => {
    const step = others.length === 0 ? 1 : FINEST_STRIDE * 2 ** i;
    return [name, [1, value.channels, Math.ceil(height / step), Math.ceil(width / step)]] as const;
  });
  return evaluateShapes(graph, Object.fromEntries(shapes));
}
/** Of the pyramids of one-stage detectors. */
const FINEST_STRIDE = 8;

/** The shapes at sizes that stand for all that will come; undefined where nothing is known of them. */
function sizesOf(graph: Graph, divisor: number): readonly Shapes[] | undefined {
  const fixed = fixedShapes(graph);
  if (fixed !== undefined) return [fixed];
  if (divisor === 1 || graph.inputs.length > 1) return undefined;
  return sampleSizes(divisor).map(([height, width]) => shapesOf(graph, height, width));
}

function isWhole(shapes: Shapes, { output }: AnyNode): boolean {
  return (shapes.get(output.id) ?? []).slice(2).every((side) => side % TILE === 0);
}

/** Kernels [out * in, 3, 3] -> [36, out * in], calculated in float64: columns first, which are then rows of three. */
function transformed(kernels: Float32Array, count: number, into?: Float32Array): Float32Array {
  const result = into ?? new Float32Array(READ ** 2 * count);
  const taps = Float64Array.from(KERNEL.flat());
  const columns = new Float64Array(READ * 3);
  for (let kernel = 0; kernel < count; kernel++) {
    for (let row = 0; row < READ; row++) {
      for (let column = 0; column < 3; column++) {
        columns[row * 3 + column] = dot(taps, row * 3, kernels, kernel * 9 + column, 3);
      }
    }
    for (let row = 0; row < READ; row++) {
      for (let column = 0; column < READ; column++) {
        result[(row * READ + column) * count + kernel] = dot(taps, column * 3, columns, row * 3, 1);
      }
    }
  }
  return result;
}

/** Of three numbers that are neighbours and three that are `step` apart. */
function dot(a: Float64Array, i: number, b: Float64Array | Float32Array, j: number, step: number): number {
  return (a[i] ?? 0) * (b[j] ?? 0) + (a[i + 1] ?? 0) * (b[j + step] ?? 0) + (a[i + 2] ?? 0) * (b[j + 2 * step] ?? 0);
}
