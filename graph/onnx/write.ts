import { LowformerError } from '../../core/errors.js';
import { elements } from '../../core/tensor.js';
import type { AnyNode, GraphNode, NamedValue, Network } from '../graph.js';
import type { OperationName } from '../operations/index.js';
import { fixedShapes } from '../shapes.js';
import type { Parameter } from '../value.js';
import { onnxEmitter } from './emitter.js';
import { float16Bits, LARGEST_FLOAT16 } from './float16.js';
import { OPSET } from './kernels.js';
import { onnxKernelNamed } from './known_kernels.js';
import { ONNX_PRECISIONS, type OnnxPrecision } from './precision.js';
import { encode, FIELD, FLOAT, FLOAT16, fieldHeader } from './proto.js';
import { placeOf, plainValues, type WrittenForm, type WrittenValues } from './written_values.js';

export interface OnnxOptions {
  /** Free text beside the network: class names, mean and standard deviation. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly producerVersion?: string;
  /**
   * `float16` halves the file and, on most graphics processors, the time. Inputs and outputs stay float32; softmax,
   * statistics and sums over a picture are calculated in float32.
   */
  readonly precision?: OnnxPrecision;
  /** What it is written for: `webgpu` has forms of its own. They run everywhere, but slower. */
  readonly device?: string;
  /**
   * Of a network with values and weights that are bytes: `quantizedForm`, with `QuantizeLinear` and `DequantizeLinear` around
   * what is done on them.
   */
  readonly form?: WrittenForm;
}

/** A file whose length is known and whose bytes are made while they are read: weights are never held twice. */
export interface OnnxFile {
  readonly byteLength: number;
  /** The file's bytes in order. Each chunk is the reader's own until it asks for the next one. */
  chunks(): Iterable<Uint8Array>;
}

/**
 * The network as an ONNX model (opset 17) with its weights inside; batch, height and width stay free, but for inputs of one shape.
 * Inputs and outputs carry the graph's names; initializers carry the parameters' names, and so do the inputs that fed
 * parameters become.
 * @throws {LowformerError} `invalid-argument` for another precision, or bytes in one that is not float32; while the bytes are read, for a weight that is too large for float16.
 */
export function writeOnnx({ graph, parameters }: Network, options: OnnxOptions = {}): OnnxFile {
  const { precision = 'float32', device, form } = options;
  if (!ONNX_PRECISIONS.includes(precision)) {
    const expected = `one of ${ONNX_PRECISIONS.join(', ')}`;
    throw new LowformerError({ code: 'invalid-argument', where: 'precision', expected, received: precision });
  }
  if (form !== undefined && precision !== 'float32') {
    const expected = 'float32 around what is done on bytes';
    throw new LowformerError({ code: 'invalid-argument', where: 'precision', expected, received: precision });
  }
  const emitter = onnxEmitter(precision, device);
  const values = form === undefined ? plainValues() : form.values(emitter.at);
  const packed = new Set(graph.nodes.flatMap((node) => (node.operation === 'unpackPixels' ? node.inputs : [])));
  for (const { name, value } of graph.inputs) {
    // float16 has no room for three bytes.
    values.make(value, packed.has(value) ? name : emitter.at('input').narrow(name), 'input');
  }
  for (const node of graph.nodes) values.make(node.output, emit(node, emitter, values), placeOf(node));
  nameOutputs(graph.outputs, emitter, values);

  const read = new Set(graph.nodes.flatMap((node) => form?.stored(node) ?? Object.values(node.parameters)));
  // Counters of seen batches are in every state_dict and in no computation.
  const isCounter = ({ kind, shape }: Parameter) => kind === 'buffer' && shape.length === 0;
  const known = [...graph.parameters.values()].filter((one) => read.has(one.name) && !isCounter(one));
  const [weights, fed] = [known.filter((one) => !one.fed), known.filter((one) => one.fed)];
  const { nodes, constants } = emitter.emitted();
  const fixed = fixedShapes(graph);
  const head = encode('ModelProto', {
    irVersion: 8,
    producerName: 'lowformer',
    producerVersion: options.producerVersion ?? '',
    opsetImport: [{ domain: '', version: OPSET }],
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
  });
  const structure = encode('GraphProto', {
    name: 'lowformer',
    node: nodes,
    initializer: constants,
    input: [
      ...graph.inputs.map((named) => valueInfo(named, named.shape ?? dimensions(named, graph.inputs.length === 1))),
      ...fed.map((parameter) => valueInfo(parameter, parameter.shape)),
    ],
    output: graph.outputs.map((named) => valueInfo(named, fixed?.get(named.value.id) ?? dimensions(named, false))),
  });
  const exact = precision === 'float32' ? read : wideParameters(graph.nodes);
  const tensors = weights.map((parameter) => tensorParts(parameter, exact.has(parameter.name) ? FLOAT : FLOAT16));
  const graphLength = structure.length + sum(tensors.map(({ header, byteLength }) => header.length + byteLength));
  const graphHeader = fieldHeader(FIELD.modelGraph, graphLength);

  return {
    byteLength: head.length + graphHeader.length + graphLength,
    *chunks() {
      yield head;
      yield graphHeader;
      yield structure;
      // One array for all: megabytes of garbage a tensor would stay in memory while the session is made.
      const largest = Math.max(0, ...weights.map(({ shape }) => elements(shape)));
      const values = new Float32Array(largest);
      const halves = new Uint16Array(precision === 'float32' ? 0 : largest);
      for (const { parameter, header, dataType } of tensors) {
        yield header;
        const { data } = parameters(parameter.name, values);
        const stored = dataType === FLOAT ? data : narrowed(parameter.name, data, halves);
        yield new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
      }
    },
  };
}

/** Running variances may be too small for float16. They are left in a network that was not optimised. */
function wideParameters(nodes: readonly AnyNode[]): ReadonlySet<string> {
  const norms = nodes.filter(({ operation }) => operation === 'batchNorm');
  return new Set(norms.flatMap((node) => Object.values(node.parameters)));
}

function narrowed(name: string, values: Float32Array, into: Uint16Array): Uint16Array {
  const received = values.find((value) => Math.abs(value) > LARGEST_FLOAT16);
  if (received === undefined) return float16Bits(values, into);
  const expected = `weights that float16 can hold, up to ${LARGEST_FLOAT16}`;
  throw new LowformerError({ code: 'invalid-argument', where: name, expected, received, hint: 'Use float32' });
}

/** Everything of an initializer but its values, whose length is known without reading them. */
function tensorParts(parameter: Parameter, dataType: typeof FLOAT | typeof FLOAT16) {
  const bytes = dataType === FLOAT ? Float32Array.BYTES_PER_ELEMENT : Uint16Array.BYTES_PER_ELEMENT;
  const byteLength = elements(parameter.shape) * bytes;
  const description = encode('TensorProto', { dims: [...parameter.shape], dataType, name: parameter.name });
  const dataHeader = fieldHeader(FIELD.tensorRawData, byteLength);
  const tensorHeader = fieldHeader(FIELD.graphInitializer, description.length + dataHeader.length + byteLength);
  return { parameter, dataType, byteLength, header: concatenate(tensorHeader, description, dataHeader) };
}

type Emitter = ReturnType<typeof onnxEmitter>;

function emit<Name extends OperationName>(
  node: GraphNode<Name> | AnyNode,
  emitter: Emitter,
  values: WrittenValues,
): string {
  const { operation, attributes, inputs, parameters, scope, ...rest } = node as GraphNode<Name>;
  const kernel = onnxKernelNamed(operation);
  const onBytes = values.onBytes(node);
  if (onBytes !== undefined) return onBytes;
  return kernel({
    onnx: emitter.at(placeOf(node)),
    inputs: inputs.map((value) => values.read(value, node)),
    attributes,
    node: { operation, attributes, inputs, parameters, scope, ...rest },
    parameter: (role) => values.parameter(node, role),
  });
}

/** Gives the outputs their names; a value that is an input or goes out twice passes through an Identity. */
function nameOutputs(outputs: readonly NamedValue[], emitter: Emitter, values: WrittenValues): void {
  for (const { name, value } of outputs) {
    const source = emitter.at('output').widen(values.read(value));
    // Tensors that a kernel made are called `<scope>/<operation>`; graph inputs and renamed outputs have no slash.
    const direct = source.includes('/');
    emitter.rename(direct ? source : emitter.at('output').node('Identity', [source]), name);
    if (direct) values.rename(value, name);
  }
}

/** Free extents by name. Runtimes plan memory by these names: two tensors share one only where their sizes are the same. */
function dimensions({ name, value }: NamedValue, only: boolean): readonly (string | number)[] {
  const prefix = only ? '' : `${name}_`;
  if (value.shape !== undefined) return value.shape;
  return value.kind === 'vector'
    ? ['batch', value.channels]
    : ['batch', value.channels, `${prefix}height`, `${prefix}width`];
}

function valueInfo(
  { name }: { readonly name: string },
  dimensions: readonly (string | number)[],
): Readonly<Record<string, unknown>> {
  const dim = dimensions.map((extent) => (typeof extent === 'number' ? { dimValue: extent } : { dimParam: extent }));
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}

function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(sum(parts.map(({ length }) => length)));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
