/** Holds one network and runs it on pictures, in whatever thread it is started. */
import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import type { Result } from '../core/results.js';
import type { Engine } from '../engines/engine.js';
import { createWebEngine } from '../engines/onnxruntime_web/engine.js';
import { predictionParts } from '../models/opened_config.js';
import { configFacts, type ModelFacts } from '../models/running_model.js';
import { createPredictor, type Predict, type StageTiming } from '../tasks/predictor.js';
import type { FetchProgress } from './fetch_file.js';
import type { NetworkRequest } from './network_request.js';
import { openNetwork } from './open_network.js';

export interface NetworkHost {
  load(
    request: NetworkRequest,
    onDownload: (progress: FetchProgress) => void,
  ): Promise<{ readonly facts: ModelFacts; readonly lines: readonly string[] }>;
  run(
    images: readonly RgbImage[],
    names: readonly string[],
    onTiming: (timing: StageTiming) => void,
  ): Promise<readonly Result[]>;
  dispose(): Promise<void>;
}

/** Without a network yet. */
export function networkHost(): NetworkHost {
  let predict: Predict | undefined;
  let engine: Engine | undefined;
  return {
    async load(request, onDownload) {
      const { opened, file, report, lines } = await openNetwork(request, onDownload);
      const { device, threads, runtimeFiles } = request;
      engine = await createWebEngine(file, {
        device,
        threads,
        ...(runtimeFiles === undefined ? {} : { files: runtimeFiles }),
      });
      predict = createPredictor({ model: opened.model, runner: engine, ...predictionParts(opened) });
      return {
        facts: {
          ...configFacts(opened),
          device: device === 'wasm' ? 'cpu' : device,
          engine: { by: 'name', name: 'onnxruntime-web' },
          report,
        },
        lines,
      };
    },
    async run(images, names, onTiming) {
      if (predict === undefined) throw disposed();
      return predict(images, { onTiming }, names);
    },
    async dispose() {
      predict = undefined;
      await engine?.[Symbol.asyncDispose]();
      engine = undefined;
    },
  };
}

function disposed(): LowformerError {
  return new LowformerError({ code: 'disposed', where: 'model', expected: 'a model that is not disposed of' });
}
