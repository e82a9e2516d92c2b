import { first, type Operation, parameter, vectorShape } from './operation.js';

export interface LinearAttributes {
  readonly out: number;
  readonly bias: boolean;
}

/** torch.nn.Linear on [N, in]: weight [out, in], bias [out]. */
export const linear: Operation<LinearAttributes> = {
  inputs: 1,
  parameters: (inputs, { out, bias }) => ({
    weight: parameter(out, first(inputs).channels),
    ...(bias ? { bias: parameter(out) } : {}),
  }),
  result: (_inputs, { out }) => ({ kind: 'vector', channels: out }),
  shape: (inputs, { out }) => [vectorShape(first(inputs))[0], out],
  macs: (inputs, [n = 0], { out }) => n * vectorShape(first(inputs))[1] * out,
};
