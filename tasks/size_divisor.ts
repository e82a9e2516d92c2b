import type { Preprocessor } from '../images/batch.js';
import type { PipelineStep, TestPipeline } from '../images/pipeline_steps.js';

/**
 * A number that divides height and width of whatever a pipeline and a preprocessor make of any picture; 1 where nothing
 * is known. The network can be specialised to it (`graph/passes/specialise.ts`).
 */
export function sizeDivisor(pipeline: TestPipeline, preprocessor: Preprocessor): number {
  if (preprocessor.type === 'SegDataPreProcessor') {
    const { size_divisor, size } = preprocessor.test_cfg ?? {};
    if (size != null) return 1;
    return size_divisor ?? pipelineDivisor(pipeline);
  }
  // Padded to a multiple of the divisor, frames of one size keep their own.
  const { pad_size_divisor: padding } = preprocessor;
  const frames = pipelineDivisor(pipeline);
  return frames % padding === 0 ? frames : padding;
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
      return commonDivisor(step.scale);
    }
    case 'ResizeToMultiple':
      return commonDivisor(step.size_divisor);
    case 'CenterCrop':
      return step.auto_pad === false ? 1 : commonDivisor(step.crop_size);
    case 'Pad':
      return step.size_divisor ?? 1;
    case 'ResizeEdge':
      return 1;
    default:
      return undefined;
  }
}

function commonDivisor([a = 1, b = 1]: readonly number[]): number {
  return b === 0 ? a : commonDivisor([b, a % b]);
}
