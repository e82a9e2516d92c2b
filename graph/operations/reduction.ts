/** Sums over more than channels. A number alone is a map [1, 1, 1, 1], so that every operation takes it. */
import type { Shape } from '../../core/tensor.js';
import { first, invalid, type NoAttributes, type Operation, second } from './operation.js';

/** A map or vector of one channel, of a size that the input's may decide. */
function reduced(shape: (input: Shape) => Shape): Operation<NoAttributes> {
  return {
    inputs: 1,
    result: (inputs) => ({ kind: first(inputs).kind, channels: 1 }),
    shape: (inputs) => shape(first(inputs)),
  };
}

/** Of all elements: [N, C, H, W] -> [1, 1, 1, 1]. */
export const sum = reduced((input) => input.map(() => 1));

/** Of each picture's elements: [N, C, H, W] -> [N, 1, 1, 1]. */
export const sumOfPictures = reduced(([n = 0, ...rest]) => [n, ...rest.map(() => 1)]);

/** How many elements a tensor has, whatever they are: [N, C, H, W] -> [1, 1, 1, 1]. Nothing flows back through it. */
export const countElements = reduced((input) => input.map(() => 1));

/** What has one element along an axis, as often as a second tensor has elements there: the sums' way back. */
export const expandLike: Operation<NoAttributes> = {
  inputs: 2,
  result: (inputs) => {
    const [x, like] = [first(inputs), second(inputs)];
    if (x.kind !== like.kind || x.channels !== 1) throw invalid(`a ${like.kind} of one channel`, x);
    return { kind: like.kind, channels: like.channels };
  },
  shape: (inputs) => {
    const [x, like] = [first(inputs), second(inputs)];
    const fits = x.length === like.length && x.every((extent, i) => extent === 1 || extent === like[i]);
    if (!fits) throw invalid(`a shape that [${like.join(', ')}] is a multiple of`, x);
    return like;
  },
};
