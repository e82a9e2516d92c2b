import { float16Bits } from './float16.js';
import type { OnnxPrecision } from './precision.js';
import { FLOAT, FLOAT16, type INT8, type INT32, INT64, type UINT8 } from './proto.js';

/** An attribute's value: integers unless wrapped. */
export type OnnxAttribute = number | readonly number[] | string | { readonly float: number };

export interface SmallTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: typeof FLOAT | typeof FLOAT16 | typeof INT64 | typeof UINT8 | typeof INT8 | typeof INT32;
  readonly rawData: Uint8Array;
}

/** Collects ONNX nodes and small constants while kernels write them. Names of tensors are plain strings; '' is an absent input. */
export interface OnnxEmitter {
  /** Whether the model is for WebGPU, where ONNX Runtime lacks some forms of nodes, and computes some wrongly. */
  readonly forWebgpu: boolean;
  /** Adds a node with one output and gives that output's name. */
  node(opType: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>): string;
  /** Adds a node with several outputs. */
  nodes(
    opType: string,
    inputs: readonly string[],
    outputs: number,
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): readonly string[];
  /** A one-dimensional int64 constant; equal ones are stored once. */
  integers(...values: readonly number[]): string;
  /** A scalar constant in the network's precision; equal ones are stored once. */
  scalar(value: number): string;
  /** A float32 vector in every precision; equal ones are stored once. */
  vector(...values: readonly number[]): string;
  /** A constant of any type, and its name; another one of the same name takes its place. */
  constant(tensor: SmallTensor): string;
  /** A tensor of the network's precision as float32, for what float16 is too coarse or too narrow for: statistics, long sums. */
  widen(tensor: string): string;
  /** A float32 tensor in the network's precision. */
  narrow(tensor: string): string;
}

export interface Emitted {
  readonly nodes: readonly Readonly<Record<string, unknown>>[];
  readonly constants: readonly SmallTensor[];
}

/** An emitter whose tensors are called `<prefix>/<opType>`, numbered where a name recurs. */
export function onnxEmitter(
  precision: OnnxPrecision = 'float32',
  device = 'cpu',
): {
  at(prefix: string): OnnxEmitter;
  rename(from: string, to: string): void;
  emitted(): Emitted;
} {
  const nodes: {
    input: readonly string[];
    output: readonly string[];
    name: string;
    opType: string;
    attribute: unknown[];
  }[] = [];
  const constants = new Map<string, SmallTensor>();
  const taken = new Map<string, number>();
  /** All at the end: a network to be trained has some hundred outputs and ten thousand nodes. */
  const renamed = new Map<string, string>();
  const named = (name: string): string => {
    const other = renamed.get(name);
    return other === undefined ? name : named(other);
  };

  const unique = (name: string): string => {
    const count = taken.get(name) ?? 0;
    taken.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  };
  const constant = (tensor: SmallTensor): string => {
    constants.set(tensor.name, tensor);
    return tensor.name;
  };

  const at = (prefix: string): OnnxEmitter => {
    const emit: OnnxEmitter['nodes'] = (opType, inputs, outputs, attributes = {}) => {
      const name = unique(`${prefix}/${opType}`);
      const output = Array.from({ length: outputs }, (_, i) => (outputs === 1 ? name : `${name}:${i}`));
      nodes.push({
        input: [...inputs],
        output,
        name,
        opType,
        attribute: Object.entries(attributes).map(encodeAttribute),
      });
      return output;
    };
    const node: OnnxEmitter['node'] = (opType, inputs, attributes) => emit(opType, inputs, 1, attributes)[0] ?? '';
    const cast = (tensor: string, to: number) => (precision === 'float32' ? tensor : node('Cast', [tensor], { to }));
    return {
      forWebgpu: device === 'webgpu',
      constant,
      nodes: emit,
      node,
      widen: (tensor) => cast(tensor, FLOAT),
      narrow: (tensor) => cast(tensor, FLOAT16),
      integers: (...values) => {
        const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
        return constant({ name: `integers_${values.join('_')}`, dims: [values.length], dataType: INT64, rawData });
      },
      scalar: (value) => constant({ name: `scalar_${value}`, dims: [], ...floating(value, precision) }),
      vector: (...values) =>
        constant({
          name: `vector_${values.join('_')}`,
          dims: [values.length],
          dataType: FLOAT,
          rawData: floats(values),
        }),
    };
  };

  return {
    at,
    rename: (from, to) => void renamed.set(from, to),
    emitted: () => ({
      nodes: nodes.map((node) => ({ ...node, input: node.input.map(named), output: node.output.map(named) })),
      constants: [...constants.values()],
    }),
  };
}

function floating(value: number, precision: OnnxPrecision): Pick<SmallTensor, 'dataType' | 'rawData'> {
  if (precision === 'float32') return { dataType: FLOAT, rawData: floats([value]) };
  const half = float16Bits(Float32Array.of(value), new Uint16Array(1));
  return { dataType: FLOAT16, rawData: new Uint8Array(half.buffer) };
}

function floats(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

/** AttributeProto.type: FLOAT 1, INT 2, STRING 3, INTS 7. */
function encodeAttribute([name, value]: [string, OnnxAttribute]): Readonly<Record<string, unknown>> {
  if (typeof value === 'number') return { name, i: value, type: 2 };
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: 3 };
  if ('float' in value) return { name, f: value.float, type: 1 };
  return { name, ints: value, type: 7 };
}
