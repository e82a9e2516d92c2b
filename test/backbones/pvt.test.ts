/** PVT and PVT v2 by mmdet: names, parameters, cost, every number. */
import { describeBackbone } from './openmmlab_parity.js';

for (const name of ['pvt_v2_b0', 'pvt_v2_own', 'pvt_tiny', 'pvt_own', 'pvt_no_positions']) describeBackbone(name, 2e-6);
