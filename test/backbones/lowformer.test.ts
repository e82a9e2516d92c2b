import { VARIANTS } from './variants.js';

VARIANTS.lowformer.small();
