/** A larger backbone, a picture that grows, and corners that are aligned. */
import { describeSemanticFpn } from './fpn_parity.js';

for (const name of ['fpn_b0_align_corners', 'fpn_b0_large_original', 'fpn_lowformer_b1']) describeSemanticFpn(name);
