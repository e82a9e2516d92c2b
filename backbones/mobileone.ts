/**
 * MobileOne (Vasu, Gabriel, Zhu, Tuzel, Ranjan, "MobileOne: An Improved One millisecond Mobile Backbone", CVPR 2023,
 * arXiv 2206.04040, section 3.3), with timm's parameter names (byobnet.py).
 */
import { z } from 'zod';
import { stride } from '../core/brands.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import {
  inferenceModeSchema,
  type MobileOneOptions,
  mobileOneBranches,
  mobileOneForm,
} from '../layers/mobileone_block.js';
import { outIndicesSchema, pickFeatures } from '../layers/out_indices.js';
import { squeezeExcite } from '../layers/squeeze_excite.js';
import { defineBackbone } from '../registry/define.js';
import type { Feature } from '../registry/feature.js';

interface Arch {
  readonly stem: number;
  /** Channels of C2 to C5. */
  readonly widths: readonly number[];
  /** The paper's k. */
  readonly branches: number;
  /** How many of the last blocks of each stage have squeeze and excitation. */
  readonly squeezed: readonly number[];
}

/** Blocks of the four stages; each is a depthwise 3x3 and a 1x1. */
const DEPTHS = [2, 8, 10, 1] as const;

const plain = { stem: 64, branches: 1, squeezed: [0, 0, 0, 0] } as const;

/** Section 3.3: models scale by width, S0 by branches as well; S4 alone has squeeze and excitation. */
const ARCHS = {
  s0: { ...plain, stem: 48, widths: [48, 128, 256, 1024], branches: 4 },
  s1: { ...plain, widths: [96, 192, 512, 1280] },
  s2: { ...plain, widths: [96, 256, 640, 2048] },
  s3: { ...plain, widths: [128, 320, 768, 2048] },
  s4: { ...plain, widths: [192, 448, 896, 2048], squeezed: [0, 0, 5, 1] },
} as const satisfies Readonly<Record<string, Arch>>;

const archNames = ['s0', 's1', 's2', 's3', 's4'] as const;

const schema = z.strictObject({
  arch: z.enum(archNames),
  inference_mode: inferenceModeSchema,
  out_indices: outIndicesSchema,
});

export const mobileone = defineBackbone({
  type: 'MobileOne',
  schema,
  trainingKeys: ['init_cfg', 'frozen_stages', 'norm_eval', 'drop_path_rate', 'with_cp', 'pretrained'],
  checkpoint: {
    sizes: { arch: archNames },
    form: mobileOneForm,
    initCfg: () => [{ type: 'Kaiming', layer: 'Conv2d', per_group: true }],
  },

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build(g, input, { arch, inference_mode: fused, out_indices }) {
    return pickFeatures('MobileOne', stages(g, input, ARCHS[arch], fused), out_indices);
  },
});

function stages(g: GraphBuilder, input: Value, { stem, widths, branches, squeezed }: Arch, fused: boolean): Feature[] {
  const options = { groups: 1, kernel: 3, stride: 2, fused };
  let x = g.relu(mobileOneBranches(g.scope('stem'), input, { ...options, out: stem, branches: 1 }));
  return widths.map((out, index) => {
    const depth = DEPTHS[index] ?? 0;
    for (let i = 0; i < depth; i++) {
      const squeeze = i >= depth - (squeezed[index] ?? 0);
      const spatial = { ...options, out: x.channels, stride: i === 0 ? 2 : 1, groups: x.channels, branches };
      x = block(g.scope(`stages.${index}.${2 * i}`), x, spatial, squeeze);
      const pointwise = { ...options, out, kernel: 1, stride: 1, branches };
      x = block(g.scope(`stages.${index}.${2 * i + 1}`), x, pointwise, squeeze);
    }
    return { value: x, stride: stride(4 * 2 ** index) };
  });
}

/** Branches, squeeze and excitation where asked for, ReLU. */
function block(g: GraphBuilder, x: Value, options: MobileOneOptions, squeeze: boolean): Value {
  const summed = mobileOneBranches(g, x, options);
  return g.relu(squeeze ? squeezeExcite(g.scope('attn'), summed) : summed);
}
