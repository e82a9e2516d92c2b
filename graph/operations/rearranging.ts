import { first, invalid, mapShape, type Operation } from './operation.js';

export interface DivisorAttributes {
  /** A whole number. */
  readonly divisor: number;
}

/** Zeros below and to the right, up to multiples of `divisor`: [N, C, H, W] -> [N, C, ceil(H/d) * d, ceil(W/d) * d]. */
export const padToMultiple: Operation<DivisorAttributes> = {
  inputs: 1,
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
  shape: (inputs, { divisor }) => {
    const [n, c, h, w] = mapShape(first(inputs));
    return [n, c, Math.ceil(h / divisor) * divisor, Math.ceil(w / divisor) * divisor];
  },
};

export interface UnshuffleAttributes {
  /** A whole number that divides height and width. */
  readonly factor: number;
  /** What changes slowest to fastest among the new channels: channel, row, column (torch), or column, row, channel. */
  readonly order: 'channelFirst' | 'columnFirst';
}

/** The pixels of each square become channels of one: torch's `pixel_unshuffle`. [N, C, H, W] -> [N, C * f², H/f, W/f]. */
export const pixelUnshuffle: Operation<UnshuffleAttributes> = {
  inputs: 1,
  result: (inputs, { factor }) => ({ kind: 'map', channels: first(inputs).channels * factor ** 2 }),
  shape: (inputs, { factor }) => {
    const [n, c, h, w] = mapShape(first(inputs));
    if (h % factor !== 0 || w % factor !== 0) throw invalid(`height and width in multiples of ${factor}`, [h, w]);
    return [n, c * factor ** 2, h / factor, w / factor];
  },
};
