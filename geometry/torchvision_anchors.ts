/**
 * Anchor boxes as torchvision's `AnchorGenerator` makes them: corners at whole pixels, and positions as far apart as the
 * input is larger than the map, rounded down. Of a picture 800 pixels high, the map of stride 64 has 13 rows, and they
 * lie 61 pixels apart. Follows torchvision 0.16 to the bit.
 */
import { z } from 'zod';
import { MOST_ITEMS, strideCount } from '../core/bounded_numbers.js';
import type { Size } from '../core/frame.js';
import { roundHalfEven } from '../core/round_half_even.js';
import { type AnchorGenerator, type AnchorLevel, anchorsOfLevels } from './anchors.js';

const f32 = Math.fround;
const positive = z.number().positive();
const list = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(MOST_ITEMS);

/** torchvision's `sizes` and `aspect_ratios`; `strides` as everywhere, to hold the levels against. */
export const torchvisionAnchorsSchema = z
  .strictObject({
    strides: list(strideCount).describe('of the maps, finest first, where they divide the input'),
    sizes: list(list(positive)).describe('pixels, the same number of them on each level'),
    aspect_ratios: list(positive).describe('height / width, for every size of every level'),
  })
  .refine(({ strides, sizes }) => sizes.length === strides.length, {
    error: 'expected a list of sizes for each of the strides',
    path: ['sizes'],
  })
  .refine(({ sizes: [first, ...others] }) => others.every(({ length }) => length === first?.length), {
    error: 'expected equally many sizes on each level',
    path: ['sizes'],
  });

/** A checked configuration of torchvision's anchors. */
export type TorchvisionAnchorsConfig = z.output<typeof torchvisionAnchorsSchema>;

/** Anchors of a position: the sizes vary fastest. */
export function createTorchvisionAnchors({ strides, sizes, aspect_ratios }: TorchvisionAnchorsConfig): AnchorGenerator {
  const levels = strides.map((stride, level): AnchorLevel => {
    return { strideX: stride, strideY: stride, baseAnchors: baseAnchors(sizes[level] ?? [], aspect_ratios) };
  });
  const perPosition = aspect_ratios.length * (sizes[0]?.length ?? 0);
  return {
    ...anchorsOfLevels(levels, perPosition),
    fitted: (input, maps) =>
      anchorsOfLevels(
        levels.map((level, i) => ({ ...level, ...distances(input, maps[i] ?? input) })),
        perPosition,
      ),
  };
}

function distances(input: Size, map: Size): Pick<AnchorLevel, 'strideX' | 'strideY'> {
  return { strideX: Math.floor(input.width / map.width), strideY: Math.floor(input.height / map.height) };
}

function baseAnchors(sizes: readonly number[], ratios: readonly number[]): Float32Array {
  return Float32Array.from(
    ratios.flatMap((ratio) => {
      const tall = f32(Math.sqrt(f32(ratio)));
      const wide = f32(1 / tall);
      return sizes.flatMap((size) => {
        const [x, y] = [wide, tall].map((share) => roundHalfEven(f32(f32(share * f32(size)) / 2)));
        return [-(x ?? 0), -(y ?? 0), x ?? 0, y ?? 0];
      });
    }),
  );
}
