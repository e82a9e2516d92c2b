/**
 * The CPUBone family as numbers (arXiv 2603.26425; the official code's configs), and the switches of the official code
 * under their official names.
 */
import { z } from 'zod';
import { channelCount } from '../core/bounded_numbers.js';
import type { Layout } from './lowformer_stages.js';

/** Defaults as in every published network. */
export const flagsSchema = z.strictObject({
  /** Fused inverted bottlenecks, attention whose output projection is part of the way back up, wide MLPs. */
  fastit: z.boolean().default(true),
  /** Expansion 6 instead of 4 in every block that halves the resolution. */
  bigit: z.boolean().default(false),
  /** Expansion 6 in the strided blocks of the first three stages, 4 in the stem's blocks. */
  huge_model: z.boolean().default(false),
  /** Groups of the convolutions that widen. */
  grouping: channelCount.default(2),
  /** 2x2 kernels in the blocks of the last two stages, but for the strided ones. */
  smallk_only_lasts: z.boolean().default(true),
  /** Nearest-neighbour enlargement after attention instead of a transposed convolution. */
  lose_transpose: z.boolean().default(true),
  /** Inverted bottlenecks with depthwise convolutions everywhere but in the strided blocks of the last two stages. */
  just_unfused: z.boolean().default(false),
});
export type Flags = z.output<typeof flagsSchema>;

interface Arch extends Layout {
  readonly flags: Flags;
}

const arch = (widths: readonly number[], depths: readonly number[], flags: z.input<typeof flagsSchema> = {}): Arch => ({
  widths,
  depths,
  flags: flagsSchema.parse(flags),
});

/**
 * By the names of the official config files, which for `t0` and `s0` are not those in the code. The paper's B2 (23.9 M
 * parameters, 1354 M MACs) is `b15`; `b2` is a larger network of the code that was not published.
 */
export const CPUBONE_ARCHS = {
  nano: arch([12, 24, 48, 96, 192], [0, 1, 1, 1, 2]),
  t0: arch([12, 24, 48, 96, 192], [0, 1, 1, 2, 3]),
  s0: arch([14, 28, 56, 112, 224], [0, 1, 1, 2, 3]),
  b0: arch([16, 32, 64, 128, 256], [0, 1, 1, 3, 4]),
  b1: arch([16, 32, 64, 128, 256], [0, 1, 1, 5, 5], { bigit: true }),
  b15: arch([20, 40, 80, 160, 320], [0, 1, 1, 6, 6], { bigit: true }),
  b2: arch([24, 48, 96, 192, 384], [0, 1, 1, 6, 6], { bigit: true }),
  b3: arch([32, 64, 128, 256, 512], [1, 2, 3, 6, 6], { bigit: true, huge_model: true }),
} as const satisfies Readonly<Record<string, Arch>>;

export type CPUBoneArch = keyof typeof CPUBONE_ARCHS;
