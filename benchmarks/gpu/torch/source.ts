/** A graph as the source of a torch.nn.Module, as somebody would write it who has the network in PyTorch. */
import type { AnyNode, Graph, GraphNode } from '../../../graph/graph.js';
import { scoreScale } from '../../../graph/operations/attention.js';
import { type ConvAttributes, paddingOf } from '../../../graph/operations/convolution.js';
import type { OperationAttributes, OperationName } from '../../../graph/operations/index.js';
import type { Value } from '../../../graph/value.js';

export interface TorchSource {
  /** A Python module with a class `Network`, made from its weights in their order; `forward` gives a tuple. */
  readonly source: string;
  /** The parameters that it takes, in that order. */
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** The names of what `forward` gives. */
  readonly outputs: readonly string[];
}

/** What a statement is made of. */
interface Written<Name extends OperationName> {
  readonly node: GraphNode<Name>;
  readonly attributes: OperationAttributes[Name];
  /** The variables of the inputs. */
  readonly inputs: readonly string[];
  /** `self.w3`, or `None` for a parameter that the node has not. */
  readonly weight: (role: string) => string;
}

type Statement<Name extends OperationName> = (written: Written<Name>) => string;
type Statements = { readonly [Name in OperationName]?: Statement<Name> };

const call =
  (name: string, ...more: readonly string[]) =>
  ({ inputs }: { readonly inputs: readonly string[] }) =>
    `${name}(${[...inputs, ...more].join(', ')})`;

const between =
  (operator: string) =>
  ({ inputs: [a, b] }: { readonly inputs: readonly string[] }) =>
    `${a} ${operator} ${b}`;

/** Of the networks that are measured; `torchSource` refuses others. */
const STATEMENTS: Statements = {
  conv: ({ attributes, inputs: [x = ''], weight }) => {
    const { stride, dilation = 1, groups } = attributes;
    const { padded, pad } = padding(x, attributes);
    return `F.conv2d(${padded}, ${weight('weight')}, ${weight('bias')}, ${stride}, ${pad}, ${dilation}, ${groups})`;
  },
  convTranspose: ({ attributes, inputs: [x = ''], weight }) => {
    const [before, after] = paddingOf(attributes);
    if (before !== after) throw new RangeError('expected equal padding of a transposed convolution on both sides');
    const { stride, groups } = attributes;
    return `F.conv_transpose2d(${x}, ${weight('weight')}, ${weight('bias')}, ${stride}, ${before}, 0, ${groups})`;
  },
  linear: ({ node, inputs: [x = ''], weight }) =>
    node.output.kind === 'vector'
      ? `F.linear(${x}, ${weight('weight')}, ${weight('bias')})`
      : `F.conv2d(${x}, ${weight('weight')}[:, :, None, None], ${weight('bias')})`,
  batchNorm: ({ attributes: { epsilon }, inputs: [x = ''], weight }) => {
    const [mean, variance] = [weight('running_mean'), weight('running_var')];
    return `F.batch_norm(${x}, ${mean}, ${variance}, ${weight('weight')}, ${weight('bias')}, False, 0.0, ${epsilon})`;
  },
  groupNorm: ({ attributes: { groups, epsilon }, inputs: [x = ''], weight }) =>
    `F.group_norm(${x}, ${groups}, ${weight('weight')}, ${weight('bias')}, ${epsilon})`,
  layerNorm: ({ node, attributes: { epsilon }, inputs: [x = ''], weight }) => {
    const normal = (rows: string) =>
      `F.layer_norm(${rows}, (${node.output.channels},), ${weight('weight')}, ${weight('bias')}, ${epsilon})`;
    return node.output.kind === 'map' ? `${normal(`${x}.permute(0, 2, 3, 1)`)}.permute(0, 3, 1, 2)` : normal(x);
  },
  relu: call('F.relu'),
  relu6: call('F.relu6'),
  hardswish: call('F.hardswish'),
  silu: call('F.silu'),
  sigmoid: call('torch.sigmoid'),
  exp: call('torch.exp'),
  gelu: ({ attributes: { approximate }, inputs: [x = ''] }) => `F.gelu(${x}, approximate='${approximate}')`,
  scale: ({ attributes: { factor }, inputs: [x = ''] }) => `${x} * ${factor}`,
  channelScale: ({ inputs: [x = ''], weight }) => `${x} * ${weight('gamma')}.reshape(-1, 1, 1)`,
  learnedScale: ({ inputs: [x = ''], weight }) => `${x} * ${weight('scale')}`,
  add: between('+'),
  subtract: between('-'),
  multiply: between('*'),
  gate: between('*'),
  concatenate: ({ inputs }) => `torch.cat((${inputs.join(', ')}), 1)`,
  resizeNearest: ({ attributes: { factor }, inputs: [x = ''] }) =>
    `F.interpolate(${x}, scale_factor=${factor}, mode='nearest')`,
  resizeNearestLike: ({ inputs: [x = '', like = ''] }) => `F.interpolate(${x}, size=${like}.shape[2:], mode='nearest')`,
  resizeBilinear: ({ attributes: { factor, alignCorners }, inputs: [x = ''] }) =>
    `F.interpolate(${x}, scale_factor=${factor}, mode='bilinear', align_corners=${truth(alignCorners)})`,
  resizeBilinearLike: ({ attributes: { alignCorners }, inputs: [x = '', like = ''] }) =>
    `F.interpolate(${x}, size=${like}.shape[2:], mode='bilinear', align_corners=${truth(alignCorners)})`,
  cropLike: ({ inputs: [x = '', like = ''] }) => `${x}[:, :, : ${like}.shape[2], : ${like}.shape[3]]`,
  maxPool: ({ attributes: { kernel, stride, pad }, inputs: [x = ''] }) =>
    `F.max_pool2d(${x}, ${kernel}, ${stride}, ${pad})`,
  globalAveragePool: ({ inputs: [x = ''] }) => `${x}.mean((2, 3))`,
  averageToPixel: ({ inputs: [x = ''] }) => `${x}.mean((2, 3), keepdim=True)`,
  attention: ({ attributes, inputs: [x = ''] }) => {
    const { heads, headDim, layout = 'headFirst' } = attributes;
    return `attention(${x}, ${heads}, ${headDim}, ${scoreScale(attributes)}, ${truth(layout === 'headFirst')})`;
  },
  crossAttention: ({ attributes, inputs: [query = '', keyValue = ''] }) => {
    const { heads, headDim } = attributes;
    return `cross_attention(${query}, ${keyValue}, ${heads}, ${headDim}, ${scoreScale(attributes)})`;
  },
  linearAttention: ({ attributes: { heads, headDim, epsilon }, inputs: [x = ''] }) =>
    `linear_attention(${x}, ${heads}, ${headDim}, ${epsilon})`,
};

const truth = (value: boolean) => (value ? 'True' : 'False');

function padding(x: string, attributes: ConvAttributes): { readonly padded: string; readonly pad: number } {
  const [before, after] = paddingOf(attributes);
  if (before === after) return { padded: x, pad: before };
  return { padded: `F.pad(${x}, (${before}, ${after}, ${before}, ${after}))`, pad: 0 };
}

/** What the statements call beside torch's own functions. Maps are [N, C, H, W]. */
const FUNCTIONS = `
def attention(x, heads, head_dim, scale, head_first):
    n, _, h, w = x.shape
    if head_first:
        query, key, value = x.reshape(n, heads, 3 * head_dim, h * w).chunk(3, 2)
    else:
        query, key, value = x.reshape(n, 3 * heads, head_dim, h * w).chunk(3, 1)
    rows = [one.transpose(2, 3) for one in (query, key, value)]
    mixed = F.scaled_dot_product_attention(*rows, scale=scale)
    return mixed.transpose(2, 3).reshape(n, heads * head_dim, h, w)


def cross_attention(query, key_value, heads, head_dim, scale):
    n = query.shape[0]
    key, value = key_value.reshape(n, 2 * heads, head_dim, -1).chunk(2, 1)
    rows = [one.transpose(2, 3) for one in (query.reshape(n, heads, head_dim, -1), key, value)]
    mixed = F.scaled_dot_product_attention(*rows, scale=scale)
    return mixed.transpose(2, 3).reshape(query.shape)


def linear_attention(x, heads, head_dim, epsilon):
    # In float32 throughout, as the reference does: sums over all pixels leave the range of float16.
    n, _, h, w = x.shape
    query, key, value = x.float().reshape(n, heads, 3 * head_dim, h * w).chunk(3, 2)
    query, key = F.relu(query), F.relu(key)
    rows = torch.cat((value @ key.transpose(2, 3), key.sum(3).unsqueeze(2)), 2) @ query
    return (rows[:, :, :-1] / (rows[:, :, -1:] + epsilon)).reshape(n, heads * head_dim, h, w).to(x.dtype)
`;

/**
 * Straight-line source, one statement a node.
 * @throws {RangeError} for an operation that no measured network has, and for several inputs.
 */
export function torchSource({ inputs, outputs, nodes, parameters }: Graph): TorchSource {
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0)
    throw new RangeError(`expected one input but received ${inputs.length}`);
  const names: string[] = [];
  const weightOf = (node: AnyNode) => (role: string) => {
    const name = node.parameters[role];
    if (name === undefined) return 'None';
    if (!names.includes(name)) names.push(name);
    return `self.w${names.indexOf(name)}`;
  };
  const lines = nodes.map((node) => `        ${variable(node.output)} = ${expression(node, weightOf(node))}`);
  const source = [
    'import torch',
    'from torch import nn',
    'from torch.nn import functional as F',
    '',
    FUNCTIONS,
    '',
    'class Network(nn.Module):',
    '    def __init__(self, weights):',
    '        super().__init__()',
    '        for i, weight in enumerate(weights):',
    "            self.register_parameter(f'w{i}', nn.Parameter(weight, requires_grad=False))",
    '',
    `    def forward(self, ${variable(input.value)}):`,
    ...lines,
    `        return (${outputs.map(({ value }) => `${variable(value)},`).join(' ')})`,
    '',
  ].join('\n');
  const weights = names.map((name) => ({ name, shape: parameters.get(name)?.shape ?? [] }));
  return { source, weights, outputs: outputs.map(({ name }) => name) };
}

const variable = ({ id }: Value) => `v${id}`;

function expression<Name extends OperationName>(
  given: GraphNode<Name> | AnyNode,
  weight: (role: string) => string,
): string {
  // One of the union, whose attributes are those of its operation.
  const node = given as GraphNode<Name>;
  const statement: Statement<Name> | undefined = STATEMENTS[node.operation];
  if (statement === undefined)
    throw new RangeError(`expected an operation of the measured networks but received ${node.operation}`);
  return statement({ node, attributes: node.attributes, inputs: node.inputs.map(variable), weight });
}
