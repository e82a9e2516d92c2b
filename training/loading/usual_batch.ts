/** Which shape the batches of a run have, as far as its config says so. */
import { z } from 'zod';
import type { Size } from '../../core/frame.js';
import type { Shape } from '../../core/tensor.js';
import type { Preprocessor } from '../../images/preprocessors.js';
import { batchSizeOf, trainingPadding } from '../../images/training_batch.js';
import type { TrainingPipeline } from '../../steps/training/pipeline.js';
import type { LoaderOptions } from './loader.js';

/** Steps behind which a picture has the size that it had. */
const KEEPING = ['RandomFlip', 'PhotoMetricDistortion', 'PackDetInputs', 'PackSegInputs'];

const pair = z.tuple([z.int(), z.int()]).transform(([width, height]): Size => ({ width, height }));
const setting: Readonly<Record<string, z.ZodType<Size>>> = {
  Pad: z.object({ size: pair }).transform(({ size }) => size),
  Resize: z.object({ scale: pair, keep_ratio: z.literal(false) }).transform(({ scale }) => scale),
  // Smaller pictures stay as they are: their batches are unusual.
  RandomCrop: z.object({ crop_size: pair, crop_type: z.literal('absolute') }).transform(({ crop_size }) => crop_size),
};

/**
 * [N, 3, H, W] of a whole batch, where the pipeline sets one size for pictures of any; undefined where sizes are the pictures'
 * own. Some batches may be others: the last of an epoch, or those of small pictures.
 */
export function usualBatch(
  options: Pick<LoaderOptions, 'pipeline' | 'preprocessor' | 'sizeDivisor' | 'plan' | 'places'>,
): Shape | undefined {
  const { pipeline, preprocessor, sizeDivisor, plan, places } = options;
  const size = paddedTo(preprocessor) ?? sizeBehind(pipeline);
  if (size === undefined) return undefined;
  const { height, width } = batchSizeOf([size], preprocessor, sizeDivisor);
  const pictures = plan.sampler === 'InfiniteSampler' ? plan.batchSize : Math.min(plan.batchSize, places.length);
  return [pictures, 3, height, width];
}

/** mmseg's, of every batch, whatever the pictures'. */
function paddedTo(preprocessor: Preprocessor): Size | undefined {
  if (preprocessor.type !== 'SegDataPreProcessor') return undefined;
  const { size } = trainingPadding(preprocessor);
  return size == null ? undefined : { height: size[0], width: size[1] };
}

function sizeBehind(pipeline: TrainingPipeline): Size | undefined {
  const last = pipeline.findLast(({ type }) => !KEEPING.includes(type));
  return last && setting[last.type]?.safeParse(last).data;
}
