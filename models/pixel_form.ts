/** How pictures go to a model's network: decided once, for the network and for what prepares pictures. No Node API. */
import { LowformerError } from '../core/errors.js';
import { type Pass, packedPixels } from '../graph/passes/index.js';
import { type PixelForm, type Preprocessor, packedValues } from '../images/batch.js';
import { stepNormalises, type TestPipeline } from '../steps/pipeline.js';
import type { InputSizes } from '../tasks/deploy.js';

/**
 * Packed where it is asked for. By default on no device: a third of the bytes cross, and eight more steps run there; which is less, only a
 * card can say, and `benchmarks/gpu` measures it (the step `forms`).
 * @throws {LowformerError} `invalid-argument` where it cannot be: a pipeline that normalises leaves no bytes.
 */
export function pixelForm(inputs: InputSizes, wanted: boolean | undefined): PixelForm {
  if (wanted !== true) return 'normalised';
  const normalising = pipelinesOf(inputs).flat().find(stepNormalises);
  if (normalising === undefined) return 'packed';
  throw new LowformerError({
    code: 'invalid-argument',
    where: 'passes.packedPixels',
    expected: 'a pipeline that leaves 8-bit pixels, which data_preprocessor normalises,',
    received: normalising.type,
  });
}

/** The pass that makes a network take packed pixels. */
export function pixelsPass(preprocessor: Preprocessor): Pass {
  const { mean, std } = preprocessor;
  const values = packedValues(preprocessor);
  return packedPixels({ values, rule: JSON.stringify({ mean, std, padding: values.at(-1) }) });
}

function pipelinesOf(inputs: InputSizes): readonly TestPipeline[] {
  switch (inputs.kind) {
    case 'prepared':
      return [inputs.pipeline];
    case 'views':
      return inputs.views;
    case 'any':
    case 'fixed':
      return [];
  }
}
