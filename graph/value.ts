/**
 * One tensor of a graph: a feature map [N, C, H, W] or a vector [N, C], whose size is no part of it: the same graph serves
 * every batch, height and width. Or a weight, whose whole shape is known: what gradients of parameters are.
 */
export interface Value {
  readonly id: number;
  readonly kind: 'map' | 'vector' | 'weight';
  /** Known while building; batch, height and width only when a shape rule is evaluated at a size. A weight's first extent, or 1. */
  readonly channels: number;
  /** The whole shape of a weight, and of nothing else. */
  readonly shape?: readonly number[];
}

/** A named tensor that a checkpoint fills. Buffers (running statistics) are no parameters when parameters are counted. */
export interface Parameter {
  /** The state_dict key of the reference implementation. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: 'parameter' | 'buffer';
  /** Given with every run as an input of its name, as what is being trained is; where absent, once with the network. */
  readonly fed?: true;
}
