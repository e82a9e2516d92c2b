import { first, mapShape, type Operation, parameter } from './operation.js';

/** Rows and columns of a tile of the result, and of what it reads. */
export const TILE = 4;
export const READ = TILE + 2;

export interface WinogradAttributes {
  readonly out: number;
  readonly bias: boolean;
  /** Whether heights and widths that will come are multiples of `TILE`: no tile reaches over the border then. */
  readonly whole: boolean;
}

/**
 * A convolution of kernel 3, stride 1 and padding 1 by tiles of 4x4 pixels, F(4x4, 3x3) of Winograd's minimal filtering (Lavin
 * and Gray, arXiv 1509.09308, section 4.1): a tile's 36 pixels and the kernel are transformed, so that each of 36 numbers is
 * multiplied for itself, 2.25 multiplications for a pixel and pair of channels in place of 9. The weight [36, out, in] is the
 * transformed kernel, the bias [out] is as it was. [N, C, H, W] -> [N, out, H, W]. Passes alone make it.
 */
export const winogradConv: Operation<WinogradAttributes> = {
  inputs: 1,
  parameters: (inputs, { out, bias }) => ({
    weight: parameter(READ ** 2, out, first(inputs).channels),
    ...(bias ? { bias: parameter(out) } : {}),
  }),
  result: (_inputs, { out }) => ({ kind: 'map', channels: out }),
  shape: (inputs, { out }) => {
    const [n, , h, w] = mapShape(first(inputs));
    return [n, out, h, w];
  },
  macs: (inputs, _output, { out }) => {
    const [n, c, h, w] = mapShape(first(inputs));
    return n * c * out * READ ** 2 * Math.ceil(h / TILE) * Math.ceil(w / TILE);
  },
};

const r = Math.SQRT2;

/**
 * The transforms of a row for the points 0, ±√½, ±√2 and ∞: a row of four is `RESULT · ((KERNEL · k) ∘ (PIXELS · p))` for three
 * taps `k` and six pixels `p`, as exactly as with any points. In float32 these err least (Barabasz et al., arXiv 1803.10986): a
 * quarter of what 0, ±1, ±2 and ∞ do, by which the transforms are usually written.
 */
export const PIXELS: readonly (readonly number[])[] = [
  [1, 0, -2.5, 0, 1, 0],
  [0, -r, -2, r / 2, 1, 0],
  [0, r, -2, -r / 2, 1, 0],
  [0, -r / 2, -0.5, r, 1, 0],
  [0, r / 2, -0.5, -r, 1, 0],
  [0, 1, 0, -2.5, 0, 1],
];
export const KERNEL: readonly (readonly number[])[] = [
  [1, 0, 0],
  [-2 / 3, -r / 3, -1 / 3],
  [-2 / 3, r / 3, -1 / 3],
  [1 / 6, r / 6, 1 / 3],
  [1 / 6, -r / 6, 1 / 3],
  [0, 0, 1],
];
export const RESULT: readonly (readonly number[])[] = [
  [1, 1, 1, 1, 1, 0],
  [0, r / 2, -r / 2, r, -r, 0],
  [0, 0.5, 0.5, 2, 2, 0],
  [0, r / 4, -r / 4, 2 * r, -2 * r, 1],
];

/** A transform of rows as one of squares: [a, b, i, j] of `m[a][i] * m[b][j]`, in a row. */
export function ofSquares(matrix: readonly (readonly number[])[]): readonly number[] {
  return matrix.flatMap((down) =>
    matrix.flatMap((across) => down.flatMap((above) => across.map((beside) => above * beside))),
  );
}
