import { elements } from '../../core/tensor.js';
import { first, invalid, type Operation, parameter } from './operation.js';

export interface LinearAttributes {
  readonly out: number;
  readonly bias: boolean;
}

/** torch.nn.Linear on [N, in], or at every pixel of [N, in, H, W]: weight [out, in], bias [out]. */
export const linear: Operation<LinearAttributes> = {
  inputs: 1,
  parameters: (inputs, { out, bias }) => ({
    weight: parameter(out, first(inputs).channels),
    ...(bias ? { bias: parameter(out) } : {}),
  }),
  result: (inputs, { out }) => ({ kind: first(inputs).kind, channels: out }),
  shape: (inputs, { out }) => {
    const [n, channels, ...pixels] = first(inputs);
    if (n === undefined || channels === undefined)
      throw invalid('a vector [N, C] or a map [N, C, H, W]', first(inputs));
    return [n, out, ...pixels];
  },
  macs: (inputs, output) => elements(output) * (first(inputs)[1] ?? 0),
};

export interface PackedLinearAttributes extends LinearAttributes {
  /** The first row of the packed weight that is this layer's. */
  readonly first: number;
  /** Rows of the packed weight. */
  readonly rows: number;
  /** What a state_dict calls the packed weight and the packed bias. */
  readonly names: { readonly weight: string; readonly bias: string };
}

/**
 * A linear layer whose weight is some rows of one that several layers share, as queries, keys and values do in
 * torch.nn.MultiheadAttention: weight [rows, in], bias [rows]. In and out as `linear`.
 */
export const packedLinear: Operation<PackedLinearAttributes> = {
  ...linear,
  parameters: (inputs, { rows, bias, names }) => ({
    weight: { ...parameter(rows, first(inputs).channels), name: names.weight },
    ...(bias ? { bias: { ...parameter(rows), name: names.bias } } : {}),
  }),
  result: (inputs, { out, first: from, rows }) => {
    if (from < 0 || from + out > rows) throw invalid(`rows of a weight that has ${rows}`, [from, from + out]);
    return { kind: first(inputs).kind, channels: out };
  },
};
