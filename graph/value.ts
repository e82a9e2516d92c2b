/**
 * One tensor of a graph: a feature map [N, C, H, W] or a vector [N, C].
 * Its size is no part of it: the same graph serves every batch, height and width.
 */
export interface Value {
  readonly id: number;
  readonly kind: 'map' | 'vector';
  /** Known while building; batch, height and width only when a shape rule is evaluated at a size. */
  readonly channels: number;
}

/** A named tensor that a checkpoint fills. Buffers (running statistics) are no parameters when parameters are counted. */
export interface Parameter {
  /** The state_dict key of the reference implementation. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: 'parameter' | 'buffer';
}
