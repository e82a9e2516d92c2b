import { type AttentionAttributes, attention } from './attention.js';
import { first, invalid, mapShape, type Operation, parameter, second } from './operation.js';

export interface WindowAttributes extends AttentionAttributes {
  /** Side of the windows, which divides the map's height and width. */
  readonly window: number;
}

export interface ShiftedWindowAttributes extends WindowAttributes {
  /** How far the windows lie to the lower right, less than their side: those at the end hold what stands at the beginning. */
  readonly shift: number;
  /**
   * What a state_dict calls the learned term for the places of two pixels in a window: [(2 * window - 1)², heads], row
   * (dy + window - 1) * (2 * window - 1) + dx + window - 1 for a key that lies dy rows above and dx columns left of the query.
   */
  readonly positions: string;
}

/**
 * Attention inside windows side by side, which may be shifted (Swin Transformer, Liu et al., arXiv 2103.14030, section 3.2).
 * In: [N, 3 * heads * headDim, H, W], all heads' queries before the keys before the values. Out: [N, heads * headDim, H, W].
 * Scores are multiplied by `scale`, a learned term is added, and in a shifted map 100 is taken off between pixels that are
 * no neighbours but stand in one window, as the reference does.
 */
export const shiftedWindowAttention: Operation<ShiftedWindowAttributes> = {
  inputs: 1,
  parameters: (_, { heads, window, positions }) => ({
    positions: { ...parameter((2 * window - 1) ** 2, heads), name: positions },
  }),
  result: attention.result,
  shape: (inputs, attributes) => windowedShape(inputs, attributes),
  macs: windowMacs,
};

/**
 * Attention inside windows side by side on a map that was padded (Twins, Chu et al., arXiv 2104.13840, section 3.3; mmseg's
 * LocallyGroupedSelfAttention). In: [N, 3 * heads * headDim, H, W] as above, and a map of the height and width before the
 * padding, which lies below and to the right. Out: [N, heads * headDim, H, W].
 * Where both sides were padded, padding and picture do not see each other (1000 is taken off); where one was, they do: so
 * the reference has it, and networks were trained with it.
 */
export const paddedWindowAttention: Operation<WindowAttributes> = {
  inputs: 2,
  result: (inputs, attributes) => attention.result(inputs.slice(0, 1), attributes),
  shape: (inputs, attributes) => {
    const shape = windowedShape(inputs, attributes);
    const [, , height, width] = mapShape(second(inputs));
    if (height > (shape[2] ?? 0) || width > (shape[3] ?? 0)) {
      throw invalid(`a map of at least ${height}x${width}, its size before padding`, shape);
    }
    return shape;
  },
  macs: windowMacs,
};

function windowedShape(inputs: Parameters<typeof attention.shape>[0], { heads, headDim, window }: WindowAttributes) {
  const [n, , h, w] = mapShape(first(inputs));
  if (h % window !== 0 || w % window !== 0) throw invalid(`height and width in multiples of ${window}`, [h, w]);
  return [n, heads * headDim, h, w];
}

function windowMacs(
  inputs: Parameters<typeof attention.shape>[0],
  _: unknown,
  { heads, headDim, window }: WindowAttributes,
): number {
  const [n, , h, w] = mapShape(first(inputs));
  return 2 * n * heads * headDim * h * w * window ** 2;
}

/** For each pixel of a window, row by row, a number of which two differ as the row of `positions` that belongs to them. */
export function positionSteps(window: number): readonly number[] {
  return Array.from({ length: window ** 2 }, (_, i) => Math.floor(i / window) * (2 * window - 1) + (i % window));
}

/** The row of `positions` that belongs to a pixel and itself. */
export const middlePosition = (window: number): number => 2 * window * (window - 1);
