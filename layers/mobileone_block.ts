/**
 * The linear part of a MobileOne block (Vasu et al., "MobileOne", CVPR 2023, arXiv 2206.04040, section 3.2, figure 3), which
 * FastViT builds from as well, with timm's parameter names: parallel branches with batch norm while training, one
 * convolution `reparam_conv` after timm's `reparameterize_model`.
 */
import { z } from 'zod';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

/** timm's `inference_mode`: how the checkpoint stores the blocks. A checkpoint that is loaded decides it by its names. */
export const inferenceModeSchema = z
  .boolean()
  .default(false)
  .describe('true: each block is one convolution; false: its branches stand apart');

/**
 * `inference_mode` of a checkpoint, by the names of its tensors.
 * @returns undefined where no name tells.
 */
export function mobileOneForm(names: readonly string[]): { readonly inference_mode: boolean } | undefined {
  const has = (part: RegExp) => names.some((name) => part.test(name));
  if (has(/(^|\.)reparam_conv\.weight$/)) return { inference_mode: true };
  return has(/(^|\.)conv_kxk\.0\./) ? { inference_mode: false } : undefined;
}

export interface MobileOneOptions {
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly groups: number;
  /** The paper's k: how many branches of the block's own kernel there are. */
  readonly branches: number;
  /** Whether there is a 1x1 branch beside a larger kernel; default true. */
  readonly pointwise?: boolean;
  /** One convolution instead of branches. */
  readonly fused: boolean;
}

/** The sum of batch norm alone (where the size stays), `branches` convolutions and a 1x1 one, each with batch norm. */
export function mobileOneBranches(g: GraphBuilder, x: Value, options: MobileOneOptions): Value {
  const { branches, pointwise = true, fused, ...convolution } = options;
  if (fused) return g.scope('reparam_conv').conv(x, convolution);
  const { out, kernel, stride } = convolution;
  const identity = out === x.channels && stride === 1 ? [g.scope('identity').batchNorm(x)] : [];
  const own = Array.from({ length: branches }, (_, i) => convNorm(g.scope(`conv_kxk.${i}`), x, convolution));
  const scale = kernel > 1 && pointwise ? [convNorm(g.scope('conv_scale'), x, { ...convolution, kernel: 1 })] : [];
  return [...identity, ...own, ...scale].reduce((sum, branch) => g.add(sum, branch));
}

/** timm's ConvNormAct without its activation: `conv`, `bn`. Padding keeps the size at stride 1. */
export function convNorm(
  g: GraphBuilder,
  x: Value,
  convolution: Pick<MobileOneOptions, 'out' | 'kernel' | 'stride' | 'groups'>,
): Value {
  return g.scope('bn').batchNorm(g.scope('conv').conv(x, { ...convolution, bias: false }));
}
