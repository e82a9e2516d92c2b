/**
 * The LowFormer family as numbers (arXiv 2409.03460, table 1; "Beyond MACs", IJCV 2026, for E1 to E3), and the switches
 * of the official code under their official names.
 */
import { z } from 'zod';
import { channelCount } from '../core/bounded_numbers.js';
import type { Layout } from './lowformer_stages.js';

export const flagsSchema = z.strictObject({
  /** Fused inverted bottlenecks, and attention whose output projection is fused into its transposed convolution. */
  fastit: z.boolean().default(true),
  /** Expansion 6 instead of 4 in every block that halves the resolution. */
  bigit: z.boolean().default(false),
  /** Expansion 6 in the strided blocks of the first three stages, 4 in the stem's blocks. */
  huge_model: z.boolean().default(false),
  /** No attention: its blocks keep their convolutions alone. */
  noattention: z.boolean().default(false),
  /** No MLP and no group norm around the attention. */
  mlpremoved: z.boolean().default(false),
  /** The official code's older name for attention with an MLP; false is the same as `mlpremoved`. */
  bb_convin2: z.boolean().default(true),
  /** Convolutional attention; the official model file knows no other. */
  bb_convattention: z.literal(true).default(true),
  /** Attention at its stage's own resolution. */
  nostrideatt: z.boolean().default(false),
  /** Inverted bottlenecks with depthwise convolutions throughout (the paper's ablation). */
  just_unfused: z.boolean().default(false),
  /** Groups of the pointwise convolutions in unfused blocks. */
  grouping: channelCount.default(1),
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

const edge = { bigit: true, mlpremoved: true } as const;

/** B2 has the depths of the published figures (44.99 M parameters, 3689 M MACs). */
export const LOWFORMER_ARCHS = {
  b0: arch([16, 32, 64, 128, 256], [0, 1, 1, 3, 4]),
  b1: arch([16, 32, 64, 128, 256], [0, 1, 1, 5, 5], { bigit: true }),
  b15: arch([20, 40, 80, 160, 320], [0, 1, 1, 6, 6], { bigit: true }),
  b2: arch([24, 48, 96, 192, 384], [0, 1, 1, 6, 6], { bigit: true }),
  b3: arch([32, 64, 128, 256, 512], [1, 2, 3, 6, 6], { bigit: true, huge_model: true }),
  E1: arch([20, 40, 80, 160, 320], [0, 1, 1, 4, 4], { ...edge, noattention: true }),
  E2: arch([32, 64, 128, 256, 512], [1, 2, 3, 4, 4], { ...edge, huge_model: true, noattention: true }),
  E3: arch([32, 64, 128, 256, 512], [1, 2, 3, 6, 6], { ...edge, huge_model: true }),
} as const satisfies Readonly<Record<string, Arch>>;

export type LowFormerArch = keyof typeof LOWFORMER_ARCHS;
