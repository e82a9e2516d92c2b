/** Kernels of what channels in groups do. Maps are [N, groups, size, pixels] on the way. */

import type { GraphNode } from '../graph.js';
import type {
  ChannelOfGroupsAttributes,
  GroupSizeAttributes,
  LogSoftmaxAttributes,
  OneHotAttributes,
  RepeatAttributes,
} from '../operations/channel_groups.js';
import type { OperationName } from '../operations/index.js';
import type { OnnxEmitter } from './emitter.js';
import { FLOAT } from './proto.js';

interface Context<Attributes> {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
  readonly node: GraphNode<OperationName>;
}

/** Channels and pixels in one axis each become a map as large as `like`. */
function asMap(onnx: OnnxEmitter, x: string, channels: number, like: string): string {
  const pixels = onnx.node('Shape', [like], { start: 2, end: 4 });
  return onnx.node('Reshape', [x, onnx.node('Concat', [onnx.integers(0, channels), pixels], { axis: 0 })]);
}

function inputChannels({ inputs: [x] }: GraphNode<OperationName>): number {
  return x?.channels ?? 0;
}

export function oneHot({ onnx, inputs: [x = ''], attributes, node }: Context<OneHotAttributes>): string {
  const { classes, values } = attributes;
  const perClass = (numbers: readonly number[]) =>
    onnx.node('Reshape', [onnx.vector(...numbers), onnx.integers(1, 1, classes, 1)]);
  const apart = onnx.node('Reshape', [onnx.widen(x), onnx.integers(0, inputChannels(node), 1, -1)]);
  const same = onnx.node('Equal', [apart, perClass(Array.from({ length: classes }, (_, i) => i))]);
  const ones = onnx.node('Cast', [same], { to: FLOAT });
  const weighed = values === undefined ? ones : onnx.node('Mul', [ones, perClass(values)]);
  return asMap(onnx, onnx.narrow(weighed), node.output.channels, x);
}

export function sumChannelGroups({ onnx, inputs: [x = ''], attributes, node }: Context<GroupSizeAttributes>): string {
  const grouped = onnx.node('Reshape', [x, onnx.integers(0, node.output.channels, attributes.size, -1)]);
  return asMap(onnx, onnx.node('ReduceSum', [grouped, onnx.integers(2)], { keepdims: 0 }), node.output.channels, x);
}

export function repeatChannels({ onnx, inputs: [x = ''], attributes, node }: Context<RepeatAttributes>): string {
  const apart = onnx.node('Reshape', [x, onnx.integers(0, inputChannels(node), 1, -1)]);
  const repeated = onnx.node('Expand', [apart, onnx.integers(1, 1, attributes.times, 1)]);
  return asMap(onnx, repeated, node.output.channels, x);
}

export function channelOfGroups({ onnx, inputs: [x = ''], attributes, node }: Context<ChannelOfGroupsAttributes>) {
  const [start, end, axis, step] = [attributes.index, inputChannels(node), 1, attributes.size];
  return onnx.node('Slice', [x, ...[start, end, axis, step].map((value) => onnx.integers(value))]);
}

export function placeInGroups({ onnx, inputs: [x = ''], attributes, node }: Context<ChannelOfGroupsAttributes>) {
  const { size, index } = attributes;
  const apart = onnx.node('Reshape', [x, onnx.integers(0, inputChannels(node), 1, -1)]);
  const padded = onnx.node('Pad', [apart, onnx.integers(0, 0, index, 0, 0, 0, size - 1 - index, 0)]);
  return asMap(onnx, padded, node.output.channels, x);
}

/** In float32 in every precision. */
export function logSoftmax({ onnx, inputs: [x = ''], attributes: { groups }, node }: Context<LogSoftmaxAttributes>) {
  if (groups === 1) return onnx.narrow(onnx.node('LogSoftmax', [onnx.widen(x)], { axis: 1 }));
  const size = node.output.channels / groups;
  const grouped = onnx.node('Reshape', [onnx.widen(x), onnx.integers(0, groups, size, -1)]);
  const result = onnx.narrow(onnx.node('LogSoftmax', [grouped], { axis: 2 }));
  return asMap(onnx, result, node.output.channels, x);
}

export function argmaxChannels({ onnx, inputs: [x = ''] }: Omit<Context<unknown>, 'attributes'>): string {
  const index = onnx.node('ArgMax', [x], { axis: 1, keepdims: 1 });
  return onnx.narrow(onnx.node('Cast', [index], { to: FLOAT }));
}
