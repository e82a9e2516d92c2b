/**
 * What others have published: nothing here was measured by this project. Every figure names its source; what no source
 * says is left out, never filled in.
 */

export interface PublishedNetwork {
  /** Name of the shipped config. */
  readonly config: string;
  readonly name: string;
  readonly family: 'LowFormer' | 'CPUBone' | 'MobileOne' | 'FastViT' | 'EfficientViT' | 'FAT' | 'ResNet';
  /** ImageNet-1K, percent. */
  readonly top1: number;
  /** Height and width at which `top1` holds. */
  readonly side: number;
  /** Millions. */
  readonly parameters: number;
  /** Millions, one picture at `side`. */
  readonly macs: number;
  readonly source: string;
}

type Figures = readonly [top1: number, side: number, parameters: number, macs: number];

const family = (
  name: PublishedNetwork['family'],
  source: string,
  members: Readonly<Record<string, Figures>>,
): readonly PublishedNetwork[] =>
  Object.entries(members).map(([variant, [top1, side, parameters, macs]]) => ({
    config: `${name.toLowerCase()}-${variant.toLowerCase().replace('.', '')}_in1k`,
    name: `${name}-${variant}`,
    family: name,
    top1,
    side,
    parameters,
    macs,
    source,
  }));

export const PUBLISHED_NETWORKS: readonly PublishedNetwork[] = [
  // github.com/altair199797/LowFormer, README.md, "Model Zoo".
  ...family('LowFormer', 'LowFormer, official repository', {
    B0: [78.4, 224, 14.1, 944],
    B1: [79.9, 224, 17.9, 1410],
    'B1.5': [81.2, 224, 33.9, 2573],
    B3: [83.6, 224, 57.1, 6098],
  }),
  // The repository's tables leave B2 out. Its top-1 is read off arXiv 2409.03460, figure 1 (to 0.1); parameters and MACs
  // are those of the published architecture.
  ...family('LowFormer', 'arXiv 2409.03460, figure 1', { B2: [81.6, 224, 45, 3689] }),
  // github.com/apple/ml-mobileone, README.md (top-1); parameters and MACs as iFormer (ICLR 2025, table 18) lists them.
  ...family('MobileOne', 'MobileOne, official repository', {
    S2: [77.4, 224, 7.8, 1300],
    S4: [79.4, 224, 14.8, 2980],
  }),
  // arXiv 2303.14189, as iFormer (ICLR 2025, table 18) lists it; the repository of FastViT later says 80.9.
  ...family('FastViT', 'arXiv 2303.14189', { SA12: [80.6, 256, 10.9, 1900] }),
  // github.com/mit-han-lab/efficientvit, applications/cls.md, "EfficientViT B series".
  ...family('EfficientViT', 'EfficientViT, official repository', {
    B1: [79.39, 224, 9.1, 520],
    B2: [82.1, 224, 24, 1600],
    B3: [83.468, 224, 49, 4000],
  }),
  // github.com/qhfan/FAT, classification/README.md.
  ...family('FAT', 'FAT, official repository', {
    B0: [77.6, 224, 4.5, 700],
    B3: [83.6, 224, 29, 4400],
  }),
  // github.com/altair199797/CPUBone, README.md, "ImageNet-1K Classification".
  ...family('CPUBone', 'CPUBone, official repository', {
    B0: [77.6, 224, 10.4, 519],
    B1: [78.7, 224, 12.4, 746],
    B2: [80.3, 224, 23.9, 1354],
    B3: [83.1, 224, 40.7, 4054],
  }),
  // docs.pytorch.org, torchvision.models.resnet50, ResNet50_Weights.IMAGENET1K_V1.
  {
    config: 'resnet50_in1k',
    name: 'ResNet-50',
    family: 'ResNet',
    top1: 76.13,
    side: 224,
    parameters: 25.557,
    macs: 4090,
    source: 'torchvision',
  },
];

/** A ratio that the LowFormer paper reports. */
export interface Claim {
  readonly quantity: 'throughput' | 'latency';
  /** LowFormer's figure to the peer's: throughput 2 is twice as many pictures a second, latency 0.85 is 15 % less time. */
  readonly ratio: number;
  readonly device: 'GPU' | 'mobile GPU' | 'ARM CPU';
}

export interface PaperPair {
  /** For `--pairs`. */
  readonly name: string;
  readonly first: { readonly config: string; readonly side: number };
  readonly second: { readonly config: string; readonly side: number };
  readonly part: 'whole' | 'backbone';
  /** Empty where the two are measured side by side without a published ratio. */
  readonly claims: readonly Claim[];
}

const pair = (
  first: string,
  second: string,
  claims: readonly Claim[] = [],
  { part = 'whole', side = 224, secondSide = side }: Partial<PaperPair & { side: number; secondSide: number }> = {},
): PaperPair => ({
  name: `${first}:${second}${secondSide === side ? '' : `@${secondSide}`}`.replace('lowformer-', ''),
  first: { config: `${first}_in1k`, side },
  second: { config: `${second}_in1k`, side: secondSide },
  part,
  claims,
});

const claim = (quantity: Claim['quantity'], device: Claim['device'], ratio: number): Claim => ({
  quantity,
  device,
  ratio,
});

const FASTVIT = [claim('throughput', 'GPU', 3), claim('latency', 'GPU', 0.7)];

/**
 * The ratios are those that the text of arXiv 2409.03460 states. FastViT's top-1 holds at 256x256, and the sources here do
 * not say at which size the paper timed it: it is measured at both.
 */
export const PAPER_PAIRS: readonly PaperPair[] = [
  pair('lowformer-b0', 'mobileone-s2', [claim('throughput', 'GPU', 2), claim('latency', 'GPU', 0.85)]),
  pair('lowformer-b1', 'mobileone-s4', [claim('latency', 'mobile GPU', 0.68), claim('latency', 'ARM CPU', 0.41)]),
  pair('lowformer-b1', 'fastvit-sa12', FASTVIT),
  pair('lowformer-b1', 'fastvit-sa12', FASTVIT, { secondSide: 256 }),
  pair('lowformer-b2', 'fat-b0', [claim('throughput', 'GPU', 1.93)], { part: 'backbone', side: 512 }),
  pair('lowformer-b3', 'fat-b3', [claim('throughput', 'GPU', 3), claim('latency', 'GPU', 0.45)]),
  pair('lowformer-b1', 'efficientvit-b1'),
  pair('lowformer-b2', 'efficientvit-b2'),
  pair('lowformer-b3', 'efficientvit-b3'),
  pair('lowformer-b0', 'cpubone-b0'),
  pair('lowformer-b0', 'cpubone-b1'),
  pair('lowformer-b1', 'cpubone-b2'),
  pair('lowformer-b3', 'cpubone-b3'),
  pair('lowformer-b1', 'resnet50'),
];

/** How the authors measured, as far as their repository says it. */
export const PAPER_SETUP =
  'GPU throughput on an NVIDIA A40 with 200 pictures a run, GPU latency on a TITAN RTX, both in PyTorch as TorchScript optimised for inference; besides, a mobile GPU and an ARM CPU';
