import { describeSemanticFpn } from './fpn_parity.js';

for (const name of ['fpn_b0_odd', 'fpn_lowformer_b0']) describeSemanticFpn(name);
