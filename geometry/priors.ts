/** What a generator of priors is: the boxes or points of every position of a feature pyramid that a network speaks of. */
import type { Size } from '../core/frame.js';

/** Numbers of one prior: x1, y1, x2, y2 of a box; x, y of a point. */
export const PRIOR_SIZES = { box: 4, point: 2 } as const;
export type PriorKind = keyof typeof PRIOR_SIZES;

/** Priors of all levels, finest first. */
export interface PriorGenerator {
  readonly kind: PriorKind;
  /** Input pixels between columns and between rows, one pair a level. */
  readonly strides: readonly (readonly [x: number, y: number])[];
  /** Priors at one position, the same number on every level. */
  readonly priorsPerPosition: number;
  /**
   * Writes one prior to `out[at]` and on, in input pixels, as float32. Allocates nothing.
   * @param prior which of the position's, from 0 on.
   */
  write(out: Float32Array, at: number, level: number, column: number, row: number, prior: number): void;
  /**
   * The generator for a picture's maps, where what lies between positions follows from their sizes; absent where the
   * strides say it.
   * @param input as the network sees it, in pixels.
   * @param maps one a level.
   */
  fitted?(input: Size, maps: readonly Size[]): PriorGenerator;
}

/** A config's stride as [horizontal, vertical]. */
export function stridePair(stride: number | readonly [number, number]): readonly [number, number] {
  return typeof stride === 'number' ? [stride, stride] : stride;
}
