/**
 * Numbers of configs, with bounds that no network passes: a count with three zeros too many is told at once, not by a
 * machine that hangs. What several of them make together is bounded where the graph is built.
 */
import { z } from 'zod';

/** Channels of a feature map; the widest published vision networks have some 20,000. */
export const channelCount = z.int().positive().max(65_536);

/** Classes that a head tells apart; ImageNet-21k has 21,841. */
export const classCount = z.int().positive().max(100_000);

/** Items of a list that goes with levels or anchors. */
export const MOST_ITEMS = 64;

/** Blocks, one behind the other, of one stage. */
export const blockCount = z.int().min(0).max(1000);

/** Layers of a head's tower. */
export const layerCount = z.int().min(0).max(100);

/** Levels of a pyramid, each half as wide as the one before: a picture has no more halves. */
export const levelCount = z.int().positive().max(20);

/** A level of a pyramid, counted from 0. */
export const levelIndex = z.int().min(0).max(20);

/** Pixels from one position of a feature map to the next. */
export const strideCount = z
  .int()
  .positive()
  .max(2 ** 20);

/** A side is rounded up to a multiple of it, in pixels. */
export const sideDivisor = z.int().positive().max(4096);

/** A side of a picture, in pixels. */
export const sideLength = z.int().positive().max(100_000);

/** Pixels of the largest picture that is resized, padded or given to a network: 512 MB of float32 for each channel. */
export const MOST_PIXELS = 2 ** 27;
