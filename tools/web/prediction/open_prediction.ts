import type { RgbImage } from '../../../core/frame.js';
import type { Result } from '../../../core/results.js';
import type { WebDevice } from '../../../engines/onnxruntime_web/web_device.js';
import type { ModelFacts } from '../../../models/running_model.js';
import type { StageTiming } from '../../../tasks/predictor.js';
import { loadModel } from '../../../web/load_model.js';
import type { LoadOptions } from '../../../web/options.js';
import { describeLoad } from '../../../weights/load_description.js';
import { RUNTIME_FILES } from '../page/runtime_files.js';

export interface ModelChoice {
  readonly config: string | URL;
  readonly files: Readonly<Record<string, unknown>>;
  /** undefined for what was published with the config's name. */
  readonly checkpoint: LoadOptions['checkpoint'];
  readonly device: WebDevice;
  readonly threads: number;
  /** Told how far a checkpoint is that comes from a server. */
  readonly onDownload?: NonNullable<LoadOptions['onDownload']>;
}

/** What a page shows of a model. */
export interface LoadedDescription extends Pick<ModelFacts, 'task' | 'classes' | 'palette' | 'parameters'> {
  /** The config's `model.type` and the type of its backbone. */
  readonly type: string;
  readonly backbone: string;
  /** What the checkpoint filled, line by line. */
  readonly report: readonly string[];
  /** From the config to a network that runs. */
  readonly milliseconds: number;
}

/** A network in a worker of its own. */
export interface OpenPrediction {
  readonly description: LoadedDescription;
  /** One picture at a time, in order. @throws {LowformerError} */
  predict(image: RgbImage): Promise<{ readonly result: Result; readonly timing: StageTiming }>;
  /** Ends the worker and frees its memory. */
  stop(): void;
}

/** Starts a worker and loads a model in it. @throws {LowformerError} in words; the worker is gone then. */
export async function openPrediction(choice: ModelChoice): Promise<OpenPrediction> {
  const { config, device, checkpoint, ...rest } = choice;
  const options = checkpoint === undefined ? rest : { ...rest, checkpoint };
  const start = performance.now();
  const runtimeFiles = RUNTIME_FILES;
  const model = await loadModel(config, { ...options, device: device === 'wasm' ? 'cpu' : device, runtimeFiles });
  return {
    description: { ...describe(model), milliseconds: performance.now() - start },
    async predict(image) {
      let timing: StageTiming = { pictures: 1, prepare: 0, network: 0, decode: 0 };
      const onTiming = (told: StageTiming) => {
        timing = told;
      };
      const result = await model.predict(image, { onTiming, transfer: true });
      return { result, timing };
    },
    stop: model.dispose,
  };
}

function describe({ task, classes, palette, parameters, config, report }: ModelFacts) {
  const backbone = part(config.model, 'backbone');
  const names = [part(backbone, 'type'), part(backbone, 'arch')].filter((text) => typeof text === 'string');
  const lines = report === undefined ? [] : describeLoad(report);
  const type = String(part(config.model, 'type'));
  return { task, type, backbone: names.join(' '), classes, palette, parameters, report: lines };
}

/** Checked by then: the network was built from it. */
function part(tree: unknown, key: string): unknown {
  return typeof tree === 'object' && tree !== null ? new Map(Object.entries(tree)).get(key) : undefined;
}
