import type { Preprocessor } from '../images/batch.js';
import type { PipelineStep, TestPipeline } from '../images/pipeline_steps.js';
import { commonDivisor, commonMultiple } from '../images/target_size.js';

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

/** undefined where the step leaves the size alone. */
function stepDivisor(step: PipelineStep): number | undefined {
  switch (step.type) {
    case 'Resize': {
      if (step.keep_ratio || step.scale == null) return 1;
      return divisorOf(step.scale);
    }
    case 'ResizeToMultiple':
      return divisorOf(step.size_divisor);
    case 'CenterCrop':
      return step.auto_pad === false ? 1 : divisorOf(step.crop_size);
    case 'Pad':
      return step.size_divisor ?? 1;
    case 'ResizeEdge':
      return 1;
    default:
      return undefined;
  }
}

function divisorOf([width = 1, height = 1]: readonly number[]): number {
  return commonDivisor(width, height);
}
