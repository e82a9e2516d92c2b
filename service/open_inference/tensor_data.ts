/** The values of a request's tensor: as bytes behind the JSON, or in the JSON. */
import type { InputTensor } from './infer_request.js';
import { MOST_JSON } from './request_body.js';
import { wrongTensor } from './request_error.js';

/** Where a request has its one input. */
export const INPUT = 'body.inputs.0';

/**
 * The bytes that a tensor has behind the JSON; undefined where its values are in the JSON.
 * @throws {RequestError} where both are there or neither, or the lengths do not fit.
 */
export function binaryData({ parameters, data }: InputTensor, binary: Uint8Array): Uint8Array | undefined {
  const { binary_data_size: size } = parameters;
  if (size === undefined) {
    if (data === undefined) throw wrongTensor(INPUT, 'data, or bytes with the parameter binary_data_size');
    if (binary.length === 0) return undefined;
    throw wrongTensor('body', 'nothing behind the JSON, as no input has binary_data_size', `${binary.length} bytes`);
  }
  if (data !== undefined) throw wrongTensor(`${INPUT}.data`, 'none beside binary_data_size');
  if (size !== binary.length) {
    const expected = `as many bytes as follow the JSON, ${binary.length}`;
    throw wrongTensor(`${INPUT}.parameters.binary_data_size`, expected, size);
  }
  return binary;
}

/**
 * Values of 8 bits out of a flat list, or of lists in lists as deep as the shape.
 * @throws {RequestError} for any other form, and values that are no whole numbers from 0 to 255.
 */
export function jsonBytes(data: unknown, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const count = product(shape);
  const where = `${INPUT}.data`;
  // Before memory is taken for what the shape says.
  if (count > MOST_JSON) throw wrongTensor(where, 'bytes, with binary_data_size', `${count} numbers`);
  const values = new Uint8Array(count);
  const flat = Array.isArray(data) && !Array.isArray(data[0]);
  fill(values, data, flat ? [count] : shape, 0, where);
  return values;
}

function checkLength(list: readonly unknown[], length: number, where: string): void {
  if (list.length !== length) throw wrongTensor(where, `${length} values, by the shape`, list.length);
}

function fill(
  into: Uint8Array,
  data: unknown,
  [length = 0, ...inner]: readonly number[],
  start: number,
  where: string,
): void {
  if (!Array.isArray(data)) throw wrongTensor(where, `a list of ${length} values`, data);
  const list: readonly unknown[] = data;
  checkLength(list, length, where);
  if (inner.length > 0) {
    const each = product(inner);
    for (const [i, item] of list.entries()) fill(into, item, inner, start + i * each, `${where}.${i}`);
    return;
  }
  for (let i = 0; i < length; i++) {
    const value = list[i];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 255) {
      throw wrongTensor(`${where}.${i}`, 'a whole number from 0 to 255', value);
    }
    into[start + i] = value;
  }
}

/**
 * The elements of a tensor of BYTES: each its length, 4 bytes with the lowest first, and so many bytes.
 * @throws {RequestError} where they are not `count`, or do not end where the bytes do.
 */
export function byteElements(bytes: Uint8Array, count: number): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  let at = 0;
  while (elements.length < count) {
    const left = bytes.length - at - 4;
    const length = left < 0 ? 0 : view.getUint32(at, true);
    if (left < length) {
      const expected = `${count} elements, each behind its length in 4 bytes`;
      throw wrongTensor(INPUT, expected, `bytes that end within element ${elements.length}`);
    }
    elements.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (at !== bytes.length) {
    throw wrongTensor(INPUT, `${count} elements by the shape`, `${bytes.length - at} more bytes`);
  }
  return elements;
}

/**
 * The elements of a tensor of BYTES in JSON: text, which holds a file as base64 (RFC 4648, 4).
 * @throws {RequestError}
 */
export function base64Elements({ parameters, data }: InputTensor, count: number): readonly Uint8Array[] {
  if (parameters.content_type !== 'base64') {
    const expected = "'base64', which is how JSON can hold a file";
    throw wrongTensor(`${INPUT}.parameters.content_type`, expected, undefined, 'Or send bytes, with binary_data_size.');
  }
  if (!Array.isArray(data)) throw wrongTensor(`${INPUT}.data`, 'a list of texts', data);
  const list: readonly unknown[] = data;
  checkLength(list, count, `${INPUT}.data`);
  return list.map((text, i) => {
    if (typeof text === 'string' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
      return new Uint8Array(Buffer.from(text, 'base64'));
    }
    throw wrongTensor(
      `${INPUT}.data.${i}`,
      'base64, padded with =',
      typeof text === 'string' ? text.slice(0, 40) : text,
    );
  });
}

export function product(shape: readonly number[]): number {
  return shape.reduce((all, one) => all * one, 1);
}
