import { elements } from '../../core/tensor.js';
import type { AnyNode, GraphNode, NamedValue, Network } from '../graph.js';
import type { OperationName } from '../operations/index.js';
import type { Parameter } from '../value.js';
import { onnxEmitter } from './emitter.js';
import { type OnnxKernel, OPSET, onnxKernels } from './kernels.js';
import { encode, FIELD, FLOAT, fieldHeader } from './proto.js';

export interface OnnxOptions {
  /** Free text beside the network: class names, mean and standard deviation. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly producerVersion?: string;
}

/** A file whose length is known and whose bytes are made while they are read: weights are never held twice. */
export interface OnnxFile {
  readonly byteLength: number;
  /** The file's bytes in order. Each chunk is the reader's own until it asks for the next one. */
  chunks(): Iterable<Uint8Array>;
}

/**
 * The network as an ONNX model (opset 17) with its weights inside; batch, height and width stay free.
 * Inputs and outputs carry the graph's names; initializers carry the parameters' names.
 */
export function writeOnnx({ graph, parameters }: Network, options: OnnxOptions = {}): OnnxFile {
  const emitter = onnxEmitter();
  const names = new Map<number, string>(graph.inputs.map(({ name, value }) => [value.id, name]));
  for (const node of graph.nodes) names.set(node.output.id, emit(node, emitter, names));
  nameOutputs(graph.outputs, emitter, names);

  const read = new Set(graph.nodes.flatMap((node) => Object.values(node.parameters)));
  // Counters of seen batches are in every state_dict and in no computation.
  const weights = [...graph.parameters.values()].filter(({ name, shape }) => read.has(name) && shape.length > 0);
  const { nodes, constants } = emitter.emitted();
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
    input: graph.inputs.map((named) => valueInfo(named, dimensions(named, graph.inputs.length === 1))),
    output: graph.outputs.map((named) => valueInfo(named, dimensions(named, false))),
  });
  const tensors = weights.map(tensorParts);
  const graphLength = structure.length + sum(tensors.map(({ header, byteLength }) => header.length + byteLength));
  const graphHeader = fieldHeader(FIELD.modelGraph, graphLength);

  return {
    byteLength: head.length + graphHeader.length + graphLength,
    *chunks() {
      yield head;
      yield graphHeader;
      yield structure;
      // One array for all: megabytes of garbage a tensor would stay in memory while the session is made.
      const values = new Float32Array(Math.max(0, ...weights.map(({ shape }) => elements(shape))));
      for (const { parameter, header } of tensors) {
        yield header;
        const { data } = parameters(parameter.name, values);
        yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      }
    },
  };
}

/** Everything of an initializer but its values, whose length is known without reading them. */
function tensorParts(parameter: Parameter) {
  const byteLength = elements(parameter.shape) * Float32Array.BYTES_PER_ELEMENT;
  const description = encode('TensorProto', { dims: [...parameter.shape], dataType: FLOAT, name: parameter.name });
  const dataHeader = fieldHeader(FIELD.tensorRawData, byteLength);
  const tensorHeader = fieldHeader(FIELD.graphInitializer, description.length + dataHeader.length + byteLength);
  return { parameter, byteLength, header: concatenate(tensorHeader, description, dataHeader) };
}

type Emitter = ReturnType<typeof onnxEmitter>;

function emit<Name extends OperationName>(
  node: GraphNode<Name> | AnyNode,
  emitter: Emitter,
  names: ReadonlyMap<number, string>,
): string {
  const { operation, attributes, inputs, parameters, scope, ...rest } = node as GraphNode<Name>;
  const kernel: OnnxKernel<Name> = onnxKernels[operation];
  return kernel({
    onnx: emitter.at(scope === '' ? operation : scope),
    inputs: inputs.map(({ id }) => names.get(id) ?? ''),
    attributes,
    node: { operation, attributes, inputs, parameters, scope, ...rest },
    parameter: (role) => parameters[role] ?? '',
  });
}

/** Gives the outputs their names; a value that is an input or goes out twice passes through an Identity. */
function nameOutputs(outputs: readonly NamedValue[], emitter: Emitter, names: Map<number, string>): void {
  for (const { name, value } of outputs) {
    const source = names.get(value.id) ?? '';
    // Tensors that a kernel made are called `<scope>/<operation>`; graph inputs and renamed outputs have no slash.
    const direct = source.includes('/');
    emitter.rename(direct ? source : emitter.at('output').node('Identity', [source]), name);
    if (direct) names.set(value.id, name);
  }
}

/** Free extents by name. Runtimes plan memory by these names: two tensors share one only where their sizes are the same. */
function dimensions({ name, value }: NamedValue, only: boolean): readonly (string | number)[] {
  const prefix = only ? '' : `${name}_`;
  return value.kind === 'vector'
    ? ['batch', value.channels]
    : ['batch', value.channels, `${prefix}height`, `${prefix}width`];
}

function valueInfo({ name }: NamedValue, dimensions: readonly (string | number)[]): Readonly<Record<string, unknown>> {
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
