/** The pictures of a request's tensor. */
import type { Result } from '../../core/results.js';
import type { ServiceLimits } from '../limits.js';
import type { GivenPicture } from '../picture_body.js';
import { RequestError } from '../request_error.js';
import { checkPixels } from '../served_model.js';
import type { InputTensor } from './infer_request.js';
import { wrongTensor } from './request_error.js';
import type { Datatype } from './tensor.js';
import { base64Elements, binaryData, byteElements, INPUT, jsonBytes } from './tensor_data.js';

/**
 * @param binary what follows the JSON.
 * @throws {RequestError} for a shape, a data type or a length that is not the input's, and for more than is let in.
 */
export function inputPictures(
  input: InputTensor,
  binary: Uint8Array,
  task: Result['kind'],
  limits: Pick<ServiceLimits, 'pictures' | 'pixels'>,
): readonly GivenPicture[] {
  return input.name === 'rgb' ? pixels(input, binary, limits) : files(input, binary, task, limits);
}

/** [N, H, W, 3]. */
function pixels(
  input: InputTensor,
  binary: Uint8Array,
  limits: Pick<ServiceLimits, 'pictures' | 'pixels'>,
): readonly GivenPicture[] {
  checkDatatype(input, 'UINT8');
  const [count = 0, height = 0, width = 0, channels] = input.shape;
  if (input.shape.length !== 4 || channels !== 3) {
    throw wrongTensor(`${INPUT}.shape`, '[N, H, W, 3]: pictures, rows, columns, and red, green, blue', input.shape);
  }
  checkCount(count, limits.pictures);
  checkPixels(INPUT, height * width, limits.pixels);
  if (input.parameters.content_type !== undefined) {
    throw wrongTensor(`${INPUT}.parameters.content_type`, 'no such parameter of numbers');
  }
  const each = height * width * 3;
  const values = binaryData(input, binary) ?? jsonBytes(input.data, input.shape);
  if (values.length !== count * each) {
    throw wrongTensor(INPUT, `${count * each} bytes, by the shape`, values.length);
  }
  return Array.from({ length: count }, (_, i) => ({
    file: `rgb[${i}]`,
    image: { width, height, data: values.subarray(i * each, (i + 1) * each) },
  }));
}

/** [N]. */
function files(
  input: InputTensor,
  binary: Uint8Array,
  task: Result['kind'],
  { pictures }: Pick<ServiceLimits, 'pictures'>,
): readonly GivenPicture[] {
  checkDatatype(input, 'BYTES');
  const [count = 0] = input.shape;
  if (input.shape.length !== 1) throw wrongTensor(`${INPUT}.shape`, '[N], one place for each file', input.shape);
  if (task === 'segmentation' && count > 1) {
    const hint = 'Send files in several requests, or pictures of one size as rgb.';
    throw wrongTensor(`${INPUT}.shape`, '[1]: label maps of several sizes are no tensor', input.shape, hint);
  }
  checkCount(count, pictures);
  const bytes = binaryData(input, binary);
  if (bytes !== undefined && input.parameters.content_type !== undefined) {
    throw wrongTensor(`${INPUT}.parameters.content_type`, 'no such parameter of bytes');
  }
  const elements = bytes === undefined ? base64Elements(input, count) : byteElements(bytes, count);
  return elements.map((element, i) => ({ file: `file[${i}]`, bytes: element }));
}

function checkDatatype({ name, datatype }: InputTensor, expected: Datatype): void {
  if (datatype !== expected) throw wrongTensor(`${INPUT}.datatype`, `'${expected}', which ${name} is of,`, datatype);
}

function checkCount(received: number, most: number): void {
  if (received <= most) return;
  const parts = { status: 413, code: 'too-many-pictures', where: `${INPUT}.shape` } as const;
  throw new RequestError({
    ...parts,
    expected: `at most ${most} pictures`,
    received,
    hint: 'Send them in several requests.',
  });
}
