/** Tensors as an answer's body: JSON, and behind it those that are wanted as bytes. */
import { endianness } from 'node:os';
import type { WantedOutput } from './infer_request.js';
import { wrongTensor } from './request_error.js';
import { datatypeOf, type OutputTensor, type TensorValues } from './tensor.js';

/** Values of a tensor in JSON, as text: more are given as bytes alone. */
const MOST_VALUES = 2 ** 24;

export interface AnswerParts {
  /** Of the model. */
  readonly name: string;
  /** The request's own. */
  readonly id: string | undefined;
  readonly outputs: readonly WantedOutput[];
  readonly tensors: readonly OutputTensor[];
  /** What is odd about the pictures, and was read all the same. */
  readonly notes: readonly string[];
}

export interface InferAnswer {
  readonly body: Buffer;
  /** Bytes of JSON, where others follow it. */
  readonly jsonLength: number | undefined;
}

/** @throws {RequestError} where more numbers are wanted as text than are written. */
export function inferAnswer({ name, id, outputs, tensors, notes }: AnswerParts): InferAnswer {
  const binaries: Buffer[] = [];
  const told = outputs.map((output, i) => {
    const tensor = tensors.find((one) => one.name === output.name);
    if (tensor === undefined) throw new RangeError(`no tensor ${output.name}`);
    const { shape, values } = tensor;
    const head = { name: output.name, datatype: datatypeOf(values), shape };
    if (output.binary) {
      const bytes = lowestFirst(values);
      binaries.push(bytes);
      return JSON.stringify({ ...head, parameters: { binary_data_size: bytes.length } });
    }
    if (values.length > MOST_VALUES) {
      const hint = 'Set its parameter binary_data, or binary_data_output of the request.';
      throw wrongTensor(`body.outputs.${i}`, `bytes, for ${values.length} numbers`, 'JSON', hint);
    }
    // Without a list of numbers in between; all of them are finite.
    return `${JSON.stringify(head).slice(0, -1)},"data":[${values.join(',')}]}`;
  });
  const head = JSON.stringify({
    model_name: name,
    ...(id === undefined ? {} : { id }),
    ...(notes.length === 0 ? {} : { parameters: { notes: notes.join('\n') } }),
  });
  const json = Buffer.from(`${head.slice(0, -1)},"outputs":[${told.join(',')}]}`);
  if (binaries.length === 0) return { body: json, jsonLength: undefined };
  return { body: Buffer.concat([json, ...binaries]), jsonLength: json.length };
}

/** The protocol's bytes have the lowest first, and a tensor's have this machine's order. */
function lowestFirst({ buffer, byteOffset, byteLength, BYTES_PER_ELEMENT }: TensorValues): Buffer {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  if (endianness() === 'LE' || BYTES_PER_ELEMENT === 1) return bytes;
  const turned = Buffer.from(bytes);
  if (BYTES_PER_ELEMENT === 2) return turned.swap16();
  return BYTES_PER_ELEMENT === 4 ? turned.swap32() : turned.swap64();
}
