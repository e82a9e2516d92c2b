import type { Preprocessor } from '../images/batch.js';
import { commonDivisor, commonMultiple } from '../images/target_size.js';
import type { SlidingWindows } from '../registry/define.js';
import { stepDivisor, type TestPipeline } from '../steps/pipeline.js';

/**
 * A number that divides height and width of whatever a pipeline, a preprocessor and the padding for the network make of
 * any picture; 1 where nothing is known. The network can be specialised to it (`graph/passes/specialise.ts`).
 * @param required the network's own `sizeDivisor`.
 */
export function sizeDivisor(pipeline: TestPipeline, preprocessor: Preprocessor, required: number): number {
  const { divisor, fixed } = padding(preprocessor);
  const padded = commonMultiple(divisor, required);
  // Frames whose sides are multiples of it are not padded, and keep what they have.
  const frames = fixed ? 1 : pipelineDivisor(pipeline);
  return frames % padded === 0 ? frames : padded;
}

/**
 * The same of windows that slide over such pictures, which are as large as the windows say, or as a smaller picture.
 * @param pictures that number for the pictures, before anything is padded for the network.
 */
export function windowDivisor({ crop }: SlidingWindows, pictures: number, required: number): number {
  const windows = [crop.height, crop.width].reduce(commonDivisor, pictures);
  return windows % required === 0 ? windows : required;
}

/** `fixed`: to a given size, whatever the frame's own. */
function padding(preprocessor: Preprocessor): { readonly divisor: number; readonly fixed: boolean } {
  if (preprocessor.type !== 'SegDataPreProcessor') return { divisor: preprocessor.pad_size_divisor, fixed: false };
  const { size_divisor, size } = preprocessor.test_cfg ?? {};
  return { divisor: size_divisor ?? 1, fixed: size != null };
}

/** Of what the last step that sets the size leaves. */
function pipelineDivisor(pipeline: TestPipeline): number {
  return pipeline.reduce((divisor, step) => stepDivisor(step) ?? divisor, 1);
}
