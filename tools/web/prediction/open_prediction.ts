import type { RgbImage } from '../../../core/frame.js';
import type { Result } from '../../../core/results.js';
import type { WebDevice } from '../../../engines/onnxruntime_web/web_device.js';
import type { StageTiming } from '../../../tasks/predictor.js';
import type { ConfigSource } from '../model/config_source.js';
import type { CheckpointFile } from '../model/open_model.js';
import { workerCalls } from '../runtime/worker_calls.js';
import type { LoadedDescription, PredictionAnswer, PredictionRequest } from './protocol.js';

export interface ModelChoice {
  readonly config: ConfigSource;
  /** undefined for initial weights. */
  readonly checkpoint: CheckpointFile | undefined;
  readonly device: WebDevice;
  readonly threads: number;
}

/** A network in a worker of its own. */
export interface OpenPrediction {
  readonly description: LoadedDescription;
  /** One picture at a time, in order. @throws {WorkerError} */
  predict(image: RgbImage): Promise<{ readonly result: Result; readonly timing: StageTiming }>;
  /** Ends the worker and frees its memory. */
  stop(): void;
}

/** Starts a worker and loads a model in it. @throws {WorkerError} in words; the worker is gone then. */
export async function openPrediction(choice: ModelChoice): Promise<OpenPrediction> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'prediction' });
  const calls = workerCalls<PredictionRequest, PredictionAnswer>(worker);
  try {
    const loaded = await calls.call({ kind: 'load', ...choice });
    if (loaded.kind !== 'loaded') throw new Error(`the worker answered '${loaded.kind}'`);
    return {
      description: loaded.model,
      async predict(image) {
        const answer = await calls.call({ kind: 'predict', image });
        if (answer.kind !== 'predicted') throw new Error(`the worker answered '${answer.kind}'`);
        return answer;
      },
      stop: calls.stop,
    };
  } catch (error) {
    calls.stop();
    throw error;
  }
}
