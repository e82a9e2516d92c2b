/** What the pictures that `lowformer scenes` draws show. */
import type { MetaInfo } from '../metainfo.js';

/** Of a detector; category ids count from 1. */
export const sceneObjects = {
  classes: ['ball', 'book', 'bottle', 'fish', 'gear', 'leaf', 'mug', 'star'],
} as const satisfies MetaInfo;

/** Of a segmentor: labels count from 0, the background. */
export const sceneLabels = { classes: ['background', ...sceneObjects.classes] } as const satisfies MetaInfo;
