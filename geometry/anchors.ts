/**
 * Anchor boxes on a feature pyramid (Ren et al., Faster R-CNN, arXiv 1506.01497, section 3.1.1; octave scales of
 * Lin et al., RetinaNet, arXiv 1708.02002, section 4). Follows mmdet 3's `AnchorGenerator` to the bit: every step
 * is rounded to float32 where PyTorch rounds it.
 */
import { z } from 'zod';
import { MOST_ITEMS, strideCount } from '../core/bounded_numbers.js';
import type { Size } from '../core/frame.js';
import { type PriorGenerator, stridePair } from './priors.js';

const f32 = Math.fround;
const positive = z.number().positive();

/** mmdet's keys. Either `scales`, or `octave_base_scale` with `scales_per_octave`. */
export const anchorGeneratorSchema = z
  .strictObject({
    strides: z
      .array(z.union([strideCount, z.tuple([strideCount, strideCount])]))
      .min(1)
      .max(MOST_ITEMS)
      .describe('input pixels per feature position, one a level; [horizontal, vertical] where they differ'),
    ratios: z.array(positive).min(1).max(MOST_ITEMS).describe('height / width'),
    scales: z.array(positive).min(1).max(MOST_ITEMS).nullish().describe('multiples of the base size'),
    base_sizes: z
      .array(positive)
      .min(1)
      .max(MOST_ITEMS)
      .nullish()
      .describe('pixels, one a level; by default the smaller stride'),
    scale_major: z.boolean().default(true).describe('whether the scale varies fastest among the anchors of a position'),
    octave_base_scale: positive.nullish(),
    scales_per_octave: z.int().positive().max(MOST_ITEMS).nullish(),
    centers: z
      .array(z.tuple([z.number(), z.number()]))
      .nullish()
      .describe('pixels [x, y] from the corner of a position, one a level'),
    center_offset: z.number().min(0).max(1).default(0).describe('centre of an anchor, in base sizes'),
    use_box_type: z.boolean().default(false).describe('changes only a Python type: no effect here'),
  })
  .superRefine((config, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const octave = (config.octave_base_scale ?? undefined) !== undefined;
    const perOctave = (config.scales_per_octave ?? undefined) !== undefined;
    const scales = (config.scales ?? undefined) !== undefined;
    if (octave !== perOctave) {
      issue(octave ? 'scales_per_octave' : 'octave_base_scale', 'octave_base_scale and scales_per_octave go together');
    } else if (scales === octave) {
      issue('scales', 'expected either scales, or octave_base_scale with scales_per_octave');
    }
    for (const key of ['base_sizes', 'centers'] as const) {
      const given = config[key]?.length ?? config.strides.length;
      if (given !== config.strides.length) issue(key, `expected one a stride (${config.strides.length}), not ${given}`);
    }
    if (config.centers && config.center_offset !== 0) issue('centers', 'cannot stand beside a center_offset');
  });

/** A checked configuration of an anchor generator. */
export type AnchorGeneratorConfig = z.output<typeof anchorGeneratorSchema>;

/** One pyramid level: the anchors of its first position, and how far apart positions lie. */
export interface AnchorLevel {
  /** Input pixels between columns and between rows. */
  readonly strideX: number;
  readonly strideY: number;
  /** `[anchors, 4]`: x1, y1, x2, y2 in input pixels, for the position at column 0, row 0. */
  readonly baseAnchors: Float32Array;
}

/** Anchors of all levels, finest first. */
export interface AnchorGenerator extends PriorGenerator {
  readonly levels: readonly AnchorLevel[];
}

/** Builds the base anchors of every level. */
export function createAnchorGenerator(config: AnchorGeneratorConfig): AnchorGenerator {
  return anchorsOfSizes(config, (size) => size);
}

/**
 * The same where an anchor's corners lie otherwise about its centre than its size says.
 * @param extent of a width or height, and of a base size where `center_offset` shares it: how far corners lie apart.
 * @param place of a corner's coordinate, in pixels: where it comes to lie.
 */
export function anchorsOfSizes(
  config: AnchorGeneratorConfig,
  extent: (size: number) => number,
  place: (corner: number) => number = (corner) => corner,
): AnchorGenerator {
  const scales = config.scales ?? octaveScales(config.octave_base_scale ?? 1, config.scales_per_octave ?? 1);
  const levels = config.strides.map((stride, level): AnchorLevel => {
    const [strideX, strideY] = stridePair(stride);
    const size = config.base_sizes?.[level] ?? Math.min(strideX, strideY);
    const offset = config.center_offset * extent(size);
    const center = config.centers?.[level] ?? [offset, offset];
    const extents = extentsOf(size, scales, config.ratios, config.scale_major).map((side) => f32(extent(side)));
    return { strideX, strideY, baseAnchors: baseAnchors(extents, center).map(place) };
  });
  return anchorsOfLevels(levels, scales.length * config.ratios.length);
}

/** @param priorsPerPosition the number of every level's base anchors. */
export function anchorsOfLevels(levels: readonly AnchorLevel[], priorsPerPosition: number): AnchorGenerator {
  return {
    kind: 'box',
    strides: levels.map(({ strideX, strideY }) => [strideX, strideY]),
    priorsPerPosition,
    levels,
    write(out, at, level, column, row, anchor) {
      const of = levels[level];
      if (of !== undefined) writeAnchor(out, at, of, column, row, anchor);
    },
  };
}

/**
 * The anchors of a whole level, `[height * width * anchors, 4]` as x1, y1, x2, y2 in input pixels, ordered by row,
 * column, anchor. `size` is the feature map's.
 */
export function gridAnchors(level: AnchorLevel, { width, height }: Size): Float32Array {
  const anchors = level.baseAnchors.length / 4;
  const grid = new Float32Array(height * width * anchors * 4);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let anchor = 0; anchor < anchors; anchor++, at += 4) writeAnchor(grid, at, level, x, y, anchor);
    }
  }
  return grid;
}

/** Writes one anchor to `out[at]` up to `out[at + 3]`: x1, y1, x2, y2 in input pixels. */
function writeAnchor(
  out: Float32Array,
  at: number,
  { baseAnchors, strideX, strideY }: AnchorLevel,
  x: number,
  y: number,
  anchor: number,
): void {
  const shiftX = f32(x * strideX);
  const shiftY = f32(y * strideY);
  const base = anchor * 4;
  out[at] = (baseAnchors[base] ?? 0) + shiftX;
  out[at + 1] = (baseAnchors[base + 1] ?? 0) + shiftY;
  out[at + 2] = (baseAnchors[base + 2] ?? 0) + shiftX;
  out[at + 3] = (baseAnchors[base + 3] ?? 0) + shiftY;
}

function octaveScales(baseScale: number, perOctave: number): number[] {
  return Array.from({ length: perOctave }, (_, i) => 2 ** (i / perOctave) * baseScale);
}

/** Width and height of each anchor of a position, one after another. */
function extentsOf(
  size: number,
  scales: readonly number[],
  ratios: readonly number[],
  scaleMajor: boolean,
): readonly number[] {
  const shapes = ratios.map((ratio) => {
    const height = f32(Math.sqrt(f32(ratio)));
    return { width: f32(1 / height), height };
  });
  // mmdet multiplies from the left, in the order of the loops.
  return scaleMajor
    ? shapes.flatMap((shape) =>
        scales.flatMap((scale) => [times(size, shape.width, scale), times(size, shape.height, scale)]),
      )
    : scales.flatMap((scale) =>
        shapes.flatMap((shape) => [times(size, scale, shape.width), times(size, scale, shape.height)]),
      );
}

function baseAnchors(extents: readonly number[], center: readonly [x: number, y: number]): Float32Array {
  return Float32Array.from({ length: extents.length * 2 }, (_, i) => {
    const [anchor, axis, sign] = [i >> 2, i & 1, (i & 2) - 1];
    return f32(center[axis] ?? 0) + sign * f32(0.5 * (extents[2 * anchor + axis] ?? 0));
  });
}

function times(a: number, b: number, c: number): number {
  return f32(f32(f32(a) * f32(b)) * f32(c));
}
