/** The heads in detectors of ordinary size; what they may be otherwise, and small, is in `dense_heads.test.ts`. */
import { describeDetector } from './dense_parity.js';

for (const name of ['atss_r18', 'fcos_r18']) describeDetector(name);
