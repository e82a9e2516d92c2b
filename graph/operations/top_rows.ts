/** What decoding reads of a dense head's maps, chosen where the maps are: a few rows in place of every pixel's numbers. */
import { first, invalid, mapShape, type Operation, second } from './operation.js';

export interface TopRowsAttributes {
  /** Priors of a pixel, which lie in the channels one after another. */
  readonly priors: number;
  /** Rows at most. */
  readonly most: number;
}

/**
 * The priors of a picture by their best class score: from scores [N, A * C, H, W] and what else is said of each prior,
 * [N, A * E, H, W], the `most` best ones, [N, 1 + C + E, K, 1], K being `most` or all A * H * W. A row, down the channels, is the
 * prior's place in [H, W, A], its C scores, and its E numbers. Rows descend by the largest of their scores, of equal ones the lower
 * place comes first; one with NaN among its scores comes before all. In float32 in every precision, which places are exact in
 * up to 2^24: outputs and `joinRows` alone read it. Passes alone make it.
 */
export const topRows: Operation<TopRowsAttributes> = {
  inputs: 2,
  result: (inputs, { priors }) => {
    const [scores, says] = [first(inputs), second(inputs)];
    for (const { kind, channels } of [scores, says]) {
      if (kind !== 'map' || channels % priors !== 0)
        throw invalid(`maps of channels in multiples of ${priors}`, channels);
    }
    return { kind: 'map', channels: 1 + (scores.channels + says.channels) / priors };
  },
  shape: (inputs, { priors, most }) => {
    const [n, scores, h, w] = mapShape(first(inputs));
    const [, says] = mapShape(second(inputs));
    return [n, 1 + (scores + says) / priors, Math.min(most, priors * h * w), 1];
  },
};

/** The rows of one `topRows` before those of another: [N, F, K1, 1], [N, F, K2, 1] -> [N, F, K1 + K2, 1]. */
export const joinRows: Operation<Readonly<Record<never, never>>> = {
  inputs: 2,
  result: (inputs) => {
    const [a, b] = [first(inputs), second(inputs)];
    if (a.channels !== b.channels) throw invalid(`rows of ${a.channels} numbers`, b.channels);
    return { kind: 'map', channels: a.channels };
  },
  shape: (inputs) => {
    const [n, channels, rows] = mapShape(first(inputs));
    const [, , more] = mapShape(second(inputs));
    return [n, channels, rows + more, 1];
  },
};
