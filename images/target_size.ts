/** Sizes that resizing steps lead to, in the arithmetic of mmcv 2 and mmpretrain 1. */
import type { Size } from '../core/frame.js';
import type { PipelineStep } from './pipeline_steps.js';

type Step<Type extends PipelineStep['type']> = Extract<PipelineStep, { readonly type: Type }>;
type Pair = readonly [horizontal: number, vertical: number];

/** mmcv's `Resize`: `scale` as it stands, or as large as fits into its long and short edge with `keep_ratio`. */
export function resizedSize(size: Size, { scale, scale_factor, keep_ratio }: Step<'Resize'>): Size {
  const wanted = scale ?? pairOf(scaled(size, scale_factor ?? [1, 1]));
  if (!keep_ratio) return sizeOf(wanted);
  const factor = Math.min(
    Math.max(...wanted) / Math.max(size.width, size.height),
    Math.min(...wanted) / Math.min(size.width, size.height),
  );
  return scaled(size, [factor, factor]);
}

/** mmseg's `ResizeToMultiple`: each side up to the next multiple. */
export function multipleSize({ width, height }: Size, [horizontal, vertical]: Pair): Size {
  return { width: roundUp(width, horizontal), height: roundUp(height, vertical) };
}

/** mmpretrain's `ResizeEdge` and torchvision's `Resize(size)`: one edge exactly, the other rounded down. */
export function edgeSize({ width, height }: Size, { scale, edge }: Step<'ResizeEdge'>): Size {
  const setsWidth = edge === 'width' || (edge === 'short' && width < height) || (edge === 'long' && width > height);
  return setsWidth
    ? { width: scale, height: Math.trunc((scale * height) / width) }
    : { width: Math.trunc((scale * width) / height), height: scale };
}

/** mmcv's `Pad`: a square first, then multiples, or a fixed size. */
export function paddedSize(size: Size, { size: fixed, size_divisor, pad_to_square }: Step<'Pad'>): Size {
  const longest = Math.max(size.width, size.height);
  const base = pad_to_square ? { width: longest, height: longest } : size;
  if (size_divisor != null) return multipleSize(base, [size_divisor, size_divisor]);
  return fixed == null ? base : sizeOf(fixed);
}

export function sizeOf([width, height]: Pair): Size {
  return { width, height };
}

export function roundUp(value: number, divisor: number): number {
  return Math.ceil(value / divisor) * divisor;
}

export function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** The smallest number that both divide. */
export function commonMultiple(a: number, b: number): number {
  return (a / commonDivisor(a, b)) * b;
}

function pairOf({ width, height }: Size): Pair {
  return [width, height];
}

/** Halves are rounded up. */
function scaled({ width, height }: Size, [horizontal, vertical]: Pair): Size {
  return { width: Math.trunc(width * horizontal + 0.5), height: Math.trunc(height * vertical + 0.5) };
}
