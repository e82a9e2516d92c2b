/** PoolFormer by mmpretrain: names, parameters, cost, every number. */
import { describeBackbone } from './openmmlab_parity.js';

for (const name of ['poolformer_s12', 'poolformer_own']) describeBackbone(name, 2e-6);
