import type { InitCfg } from '../core/init_cfg.js';

/** How PVT's authors fill its layers, and mmdet and mmseg those of PVT and Twins. */
export const TRANSFORMER_START: readonly InitCfg[] = [
  { type: 'TruncNormal', layer: 'Linear', std: 0.02 },
  { type: 'Kaiming', layer: 'Conv2d', per_group: true },
];
