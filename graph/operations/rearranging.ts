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

export interface DepthToSpaceAttributes {
  /** A whole number: pixels of a square's side. */
  readonly factor: number;
  /** Rows that the result lacks above and below, and columns to the left and right. */
  readonly crop: readonly [before: number, after: number];
}

/**
 * Channels become the pixels of squares, of which each has its channels together (ONNX's `DepthToSpace`, `DCR`), less what is
 * cropped: [N, f² * C, H, W] -> [N, C, H * f - before - after, W * f - before - after]. Passes alone make it.
 */
export const depthToSpace: Operation<DepthToSpaceAttributes> = {
  inputs: 1,
  result: (inputs, { factor }) => {
    const { channels } = first(inputs);
    if (channels % factor ** 2 !== 0) throw invalid(`channels in multiples of ${factor ** 2}`, channels);
    return { kind: 'map', channels: channels / factor ** 2 };
  },
  shape: (inputs, { factor, crop: [before, after] }) => {
    const [n, c, h, w] = mapShape(first(inputs));
    const extent = (size: number) => size * factor - before - after;
    if (extent(Math.min(h, w)) < 1) throw invalid(`more than ${before + after} rows and columns to crop from`, [h, w]);
    return [n, c / factor ** 2, extent(h), extent(w)];
  },
};
