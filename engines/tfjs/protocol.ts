import type { Tensors } from '../../core/tensor.js';
import type { Graph } from '../../graph/graph.js';

/** What is asked of the thread that holds a network in TensorFlow.js. */
export type TfjsRequest =
  | { readonly kind: 'open'; readonly device: string }
  | { readonly kind: 'graph'; readonly graph: Graph }
  /** The parameters of one node by their roles: weights come one node at a time, so that no second network lies beside. */
  | { readonly kind: 'node'; readonly index: number; readonly values: Tensors }
  | { readonly kind: 'run'; readonly inputs: Tensors }
  | { readonly kind: 'release' };

/** What it answers; each request has its own kind of answer. */
export type TfjsAnswer =
  | { readonly kind: 'opened'; readonly backend: string; readonly version: string }
  | { readonly kind: 'received' }
  | { readonly kind: 'outputs'; readonly outputs: Tensors; readonly milliseconds: number }
  | { readonly kind: 'released' };
