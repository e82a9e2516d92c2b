import { defineStep } from '../registry/define_step.js';
import { resizeDefinition } from './resize.js';

/** mmdet's `FixScaleResize`: `Resize` whose sizes are rounded down with `keep_ratio`, so that no edge is exceeded. */
export const fixScaleResize = defineStep(resizeDefinition('FixScaleResize', Math.floor));
