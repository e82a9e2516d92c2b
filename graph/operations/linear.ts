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
