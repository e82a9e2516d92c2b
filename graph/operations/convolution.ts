import { first, invalid, mapShape, type Operation, parameter } from './operation.js';

/** Square kernels, as every network here uses; what is said of rows holds of columns. */
export interface ConvAttributes {
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  /** Rows of zeros on both sides, or above and below: an even kernel keeps the size only where the two differ. */
  readonly pad: number | readonly [before: number, after: number];
  readonly groups: number;
  /** Pixels from one tap of the kernel to the next; 1 where absent. */
  readonly dilation?: number;
  readonly bias: boolean;
}

/** Those of a transposed convolution: no network here dilates one. */
export type TransposedConvAttributes = Omit<ConvAttributes, 'dilation'>;

/** Padding before the first row and after the last. */
export function paddingOf({ pad }: Pick<ConvAttributes, 'pad'>): readonly [before: number, after: number] {
  return typeof pad === 'number' ? [pad, pad] : pad;
}

/** torch.nn.Conv2d: weight [out, in/groups, kernel, kernel], bias [out]. */
export const conv: Operation<ConvAttributes> = {
  inputs: 1,
  parameters: (inputs, { out, kernel, groups, bias }) => ({
    weight: parameter(out, first(inputs).channels / groups, kernel, kernel),
    ...(bias ? { bias: parameter(out) } : {}),
  }),
  result: (inputs, { out, groups }) => {
    const { channels } = first(inputs);
    if (channels % groups !== 0 || out % groups !== 0) {
      throw invalid(`channels divisible by ${groups} groups`, [channels, out]);
    }
    return { kind: 'map', channels: out };
  },
  shape: (inputs, { out, kernel, stride, pad, dilation = 1 }) => {
    const [n, , h, w] = mapShape(first(inputs));
    const [before, after] = paddingOf({ pad });
    const reach = dilation * (kernel - 1) + 1;
    const extent = (size: number) => positive(Math.floor((size + before + after - reach) / stride) + 1, size);
    return [n, out, extent(h), extent(w)];
  },
  macs: (inputs, output, { kernel, groups }) => {
    const [n, c, h, w] = mapShape(output);
    return (n * c * h * w * kernel * kernel * mapShape(first(inputs))[1]) / groups;
  },
};

/** torch.nn.ConvTranspose2d without output padding: weight [in, out/groups, kernel, kernel], bias [out]. */
export const convTranspose: Operation<TransposedConvAttributes> = {
  inputs: 1,
  parameters: (inputs, { out, kernel, groups, bias }) => ({
    weight: parameter(first(inputs).channels, out / groups, kernel, kernel),
    ...(bias ? { bias: parameter(out) } : {}),
  }),
  result: conv.result,
  shape: (inputs, { out, kernel, stride, pad }) => {
    const [n, , h, w] = mapShape(first(inputs));
    const [before, after] = paddingOf({ pad });
    const extent = (size: number) => positive((size - 1) * stride - before - after + kernel, size);
    return [n, out, extent(h), extent(w)];
  },
  macs: (inputs, _output, { out, kernel, groups }) => {
    const [n, c, h, w] = mapShape(first(inputs));
    return (n * c * h * w * kernel * kernel * out) / groups;
  },
};

function positive(extent: number, from: number): number {
  if (extent < 1) throw invalid('a feature map large enough for the convolution', from);
  return extent;
}
