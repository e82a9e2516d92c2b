/** Keys of torch's optimisers that say how its steps are computed, not what comes out: taken, without effect. */
import { z } from 'zod';

const ignored = z.boolean().nullish().describe('how torch computes; without effect here');

/** The same of all of torch's optimisers. */
export const implementationKeys = { foreach: ignored, differentiable: ignored };
/** Those of Adam and AdamW beside them. */
export const adamImplementationKeys = { ...implementationKeys, capturable: ignored, fused: ignored };

/** The learning rate. Zero keeps parameters as they are. */
export const learningRate = z.number().min(0);
export const weightDecay = z.number().min(0);
