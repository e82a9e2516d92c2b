import { elements } from '../../core/tensor.js';
import { first, invalid, type Operation, parameter, second } from './operation.js';

export interface ConvAtAttributes {
  readonly out: number;
  /** Of a square kernel. */
  readonly kernel: number;
  readonly bias: boolean;
}

/**
 * A convolution at some pixels only. Inputs are the pixels that it reads, [R, C], and of each pixel that it is wanted at the
 * places of its window among them, row by row, [M, kernel * kernel]: whole numbers from 0 to R, where R, one past the last,
 * says that the window reaches over the border of the map, where zeros are. The result is [M, out]. Parameters are those of
 * `conv`: weight [out, C, kernel, kernel], bias [out]. Places are exact up to 2^24 in float32 and to 2^11 in float16.
 */
export const convAt: Operation<ConvAtAttributes> = {
  inputs: 2,
  parameters: (inputs, { out, kernel, bias }) => ({
    weight: parameter(out, first(inputs).channels, kernel, kernel),
    ...(bias ? { bias: parameter(out) } : {}),
  }),
  result: (inputs, { out, kernel }) => {
    const [rows, places] = [first(inputs), second(inputs)];
    if (rows.kind !== 'vector') throw invalid('pixels as vectors [R, C]', rows.kind);
    if (places.kind !== 'vector' || places.channels !== kernel ** 2) {
      throw invalid(`places [M, ${kernel ** 2}]`, `a ${places.kind} of ${places.channels} channels`);
    }
    return { kind: 'vector', channels: out };
  },
  shape: (inputs, { out }) => [second(inputs)[0] ?? 0, out],
  macs: (inputs, output, { kernel }) => elements(output) * kernel ** 2 * (first(inputs)[1] ?? 0),
};
