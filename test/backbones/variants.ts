/**
 * The variants of each family that are held to a reference implementation, number by number. Networks of a hundred megabytes take
 * seconds each: the small ones stand in the family's own file of tests, the others in `large_variants.test.ts`, which is slow.
 */
import type { ConvNeXtArch } from '../../backbones/convnext.js';
import { CPUBONE_ARCHS } from '../../backbones/cpubone_arch.js';
import { EFFICIENTVIT_ARCHS, type EfficientViTArch } from '../../backbones/efficientvit.js';
import { FAT_ARCHS } from '../../backbones/fat.js';
import { LOWFORMER_ARCHS } from '../../backbones/lowformer_arch.js';
import { readReference } from '../reference.js';
import { describeCpubone } from './cpubone_parity.js';
import { describeLowFormer } from './lowformer_parity.js';
import { describeBackbone } from './openmmlab_parity.js';
import { describePeer } from './peer_parity.js';

/** The widths of EfficientViT's classifiers, as timm has them. */
const EFFICIENTVIT_WIDTHS = {
  b0: [1024, 1280],
  b1: [1536, 1600],
  b2: [2304, 2560],
  b3: [2304, 2560],
} as const satisfies Readonly<Record<EfficientViTArch, readonly [number, number]>>;

export const FASTVIT = ['t8', 't12', 's12', 'sa12', 'sa24'] as const;

export const fastvit = (arch: (typeof FASTVIT)[number], inference_mode: boolean) =>
  ({ backbone: { type: 'FastViT', arch, inference_mode }, head: { type: 'FastViTClsHead', inference_mode } }) as const;

export const MOBILEONE = ['s0', 's1', 's2', 's3', 's4'] as const;

export const mobileone = (arch: (typeof MOBILEONE)[number], inference_mode: boolean) =>
  ({ backbone: { type: 'MobileOne', arch, inference_mode }, head: { type: 'LinearClsHead' } }) as const;

export const convnext = (arch: ConvNeXtArch) =>
  ({
    backbone: { type: 'ConvNeXt', arch },
    head: { type: 'ConvNeXtClsHead', head_norm_first: arch === 'tiny_hnf' },
  }) as const;

/** What timm calls it. */
export const convnextName = (arch: ConvNeXtArch) =>
  arch.startsWith('v2_') ? `convnextv2_${arch.slice(3)}` : `convnext_${arch}`;

export const keysOf = <K extends string>(record: Readonly<Record<K, unknown>>): readonly K[] =>
  Object.keys(record).filter((key): key is K => key in record);

/** A family, with the names of those that are small. */
function family<N extends string>(all: readonly N[], small: readonly N[], describe: (name: N) => void) {
  return {
    small: () => all.filter((name) => small.includes(name)).forEach(describe),
    large: () => all.filter((name) => !small.includes(name)).forEach(describe),
  };
}

export const VARIANTS = {
  lowformer: family(keysOf(LOWFORMER_ARCHS), ['b0', 'b1', 'E1'], describeLowFormer),
  cpubone: family(keysOf(CPUBONE_ARCHS), ['nano', 't0', 'b0'], describeCpubone),
  convnext: family(
    ['atto', 'atto_ols', 'nano_ols', 'tiny', 'tiny_hnf', 'v2_atto', 'v2_tiny'],
    ['atto', 'atto_ols', 'v2_atto'],
    (arch) => describePeer(convnextName(arch), convnext(arch), readReference(`peers/${convnextName(arch)}`).outputs),
  ),
  efficientvit: family(keysOf(EFFICIENTVIT_ARCHS), ['b0'], (arch) =>
    describePeer(`efficientvit_${arch}`, {
      backbone: { type: 'EfficientViT', arch },
      head: { type: 'EfficientViTClsHead', widths: EFFICIENTVIT_WIDTHS[arch] },
    }),
  ),
  fastvit: family(FASTVIT, ['t8'], (arch) => describePeer(`fastvit_${arch}`, fastvit(arch, false))),
  fat: family(keysOf(FAT_ARCHS), ['b0'], (arch) =>
    describePeer(`fat_${arch}`, { backbone: { type: 'FAT', arch }, head: { type: 'FATClsHead' } }),
  ),
  mobileone: family(MOBILEONE, ['s0'], (arch) => describePeer(`mobileone_${arch}`, mobileone(arch, false))),
  pvt: family(
    ['pvt_v2_b0', 'pvt_v2_own', 'pvt_tiny', 'pvt_own', 'pvt_no_positions', 'pvt_tiny_authors'],
    ['pvt_v2_b0', 'pvt_v2_own', 'pvt_own', 'pvt_no_positions'],
    (name) => describeBackbone(name, 2e-6),
  ),
  resnet: family(['resnet50'], [], (name) =>
    describePeer(name, { backbone: { type: 'ResNet', depth: 50 }, head: { type: 'LinearClsHead' } }),
  ),
  poolformer: family(['poolformer_s12', 'poolformer_own'], ['poolformer_own'], (name) => describeBackbone(name, 2e-6)),
  swin: family(['swin_tiny', 'swin_own', 'swin_large_windows'], ['swin_own', 'swin_large_windows'], (name) =>
    describeBackbone(name, 2e-6, 4e-6),
  ),
  timm: family(
    [
      'timm_efficientnet_b1',
      'timm_efficientnet_b3',
      'timm_tv_resnet50',
      'timm_convnext_atto_ols',
      'timm_efficientvit_b0',
      'timm_fastvit_t8',
      'timm_mobileone_s0',
    ],
    ['timm_efficientnet_b1', 'timm_convnext_atto_ols', 'timm_efficientvit_b0', 'timm_fastvit_t8'],
    (name) => describeBackbone(name, 2e-6, 4e-6),
  ),
  twins: family(['pcpvt_small', 'pcpvt_own', 'svt_small', 'svt_own'], ['pcpvt_own', 'svt_own'], (name) =>
    describeBackbone(name, 2e-6, 4e-6),
  ),
};
