import { sameShape } from '../../core/tensor.js';
import { first, invalid, mapShape, type NoAttributes, type Operation, second } from './operation.js';

/** The channels of two maps of one size, those of the first before those of the second: [N, C1 + C2, H, W]. */
export const concatenate: Operation<NoAttributes> = {
  inputs: 2,
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels + second(inputs).channels }),
  shape: (inputs) => {
    const [n, channels, h, w] = mapShape(first(inputs));
    const [, more] = mapShape(second(inputs));
    if (!sameShape(second(inputs), [n, more, h, w])) throw invalid(`a map [${n}, C, ${h}, ${w}]`, second(inputs));
    return [n, channels + more, h, w];
  },
};
