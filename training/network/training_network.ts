/** A network that is trained on one of this machine's engines. */
import { LowformerError } from '../../core/errors.js';
import type { EngineOptions } from '../../engines/engine.js';
import { createEngine, ENGINES, type EngineName } from '../../engines/index.js';
import { type TrainedNetwork, type TrainingNetwork, trainingNetworkOn } from './network_on_engine.js';

export type { BatchNormMode, Draw, TrainingNetwork, TrainingStep } from './network_on_engine.js';

export interface TrainingNetworkOptions extends TrainedNetwork, EngineOptions {
  readonly engine: EngineName;
}

/**
 * Makes a network ready to be trained. What is frozen costs nothing.
 * @throws {LowformerError} `invalid-argument` for another precision than float32, for weights that are missing, or of another
 *   shape; what the engine throws.
 */
export async function openTrainingNetwork(options: TrainingNetworkOptions): Promise<TrainingNetwork> {
  const { model, losses, weights, batchNorm, drops, usual, engine, ...engineOptions } = options;
  checkPrecision(engineOptions.precision);
  // What runs networks as they are gains nothing by it.
  const foretold = ENGINES.get(engine).runs === 'onnx' ? usual : undefined;
  const trained = { model, losses, weights, batchNorm, drops, usual: foretold };
  return trainingNetworkOn((network) => createEngine(engine, network, engineOptions), trained);
}

/** Small gradients are zero in float16, and large ones infinite. */
function checkPrecision(precision: string | undefined): void {
  if (precision === undefined || precision === 'float32') return;
  const expected = 'float32, in which everything is trained';
  throw new LowformerError({ code: 'invalid-argument', where: 'precision', expected, received: precision });
}
