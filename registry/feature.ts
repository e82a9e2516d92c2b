import type { Stride } from '../core/brands.js';
import type { Value } from '../graph/value.js';

/** A feature map [N, C, H/stride, W/stride] while a network is being built. */
export interface Feature {
  readonly value: Value;
  readonly stride: Stride;
}

/** Finest first. */
export type Pyramid = readonly [Feature, ...Feature[]];
