import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs/minimal.js';
import type { Tensor } from '../../core/tensor.js';
import { type OnnxModel, onnxModel } from '../../engines/index.js';

export type FixtureName = 'conv' | 'slow' | 'int64' | 'chain_1' | 'chain_48';

export function fixture(name: FixtureName): OnnxModel {
  return onnxModel(readFileSync(new URL(`../fixtures/engines/${name}.onnx`, import.meta.url)));
}

/** What `conv` computes, by PyTorch in float64. */
export const convExpected: { features: number[]; pooled: number[] } = JSON.parse(
  readFileSync(new URL('../fixtures/engines/conv.json', import.meta.url), 'utf8'),
);

/** The input that `convExpected` belongs to. */
export function convInput(): Tensor {
  return { shape: [1, 3, 4, 5], data: Float32Array.from({ length: 60 }, (_, i) => i / 10 - 2) };
}

export function ramp(shape: readonly number[]): Tensor {
  const length = shape.reduce((product, extent) => product * extent, 1);
  // A loop: `Float32Array.from` takes six times as long, and some of these are megabytes.
  const data = new Float32Array(length);
  for (let i = 0; i < length; i++) data[i] = ((i * 37) % 101) / 50 - 1;
  return { shape, data };
}

const CHANNELS = 1024;

/**
 * 1x1 convolutions, one 4 MiB weight each, that follow the structure as a second chunk of the same graph (protobuf
 * joins the two). All weights are the same bytes, so that the model itself takes next to no memory.
 */
export function chain(length: 1 | 48): OnnxModel & { readonly weightBytes: number } {
  const weight = new Uint8Array(ramp([CHANNELS, CHANNELS]).data.map((value) => value / 32).buffer);
  const first = new Uint8Array(ramp([CHANNELS, 3]).data.buffer);
  const names = Array.from({ length }, (_, i) => `w${i}`);
  const tensors = [
    { header: tensorHeader('first', [CHANNELS, 3, 1, 1], first.length), data: first },
    ...names.map((name) => ({ header: tensorHeader(name, [CHANNELS, CHANNELS, 1, 1], weight.length), data: weight })),
  ];
  const graphLength = tensors.reduce((sum, { header, data }) => sum + header.length + data.length, 0);
  const graph = protobuf.Writer.create().uint32(0x3a).uint32(graphLength).finish();
  const structure = [...fixture(`chain_${length}`).chunks()];
  const chunks = [...structure, graph, ...tensors.flatMap(({ header, data }) => [header, data])];
  return {
    byteLength: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    weightBytes: weight.length * length,
    chunks: () => chunks,
  };
}

/** A GraphProto's initializer field up to its values: dims 1, data_type 2 (float), name 8, raw_data 9. */
function tensorHeader(name: string, dims: readonly number[], byteLength: number): Uint8Array {
  const description = protobuf.Writer.create();
  for (const extent of dims) description.uint32(0x08).uint32(extent);
  const tensor = description.uint32(0x10).uint32(1).uint32(0x42).string(name).uint32(0x4a).uint32(byteLength).finish();
  const field = protobuf.Writer.create()
    .uint32(0x2a)
    .uint32(tensor.length + byteLength)
    .finish();
  return Buffer.concat([field, tensor]);
}
