/** Networks opened on a device, to be run again and again. */
import { elements, type Tensor, tensor } from '../../core/tensor.js';
import { createEngine } from '../../engines/index.js';
import { decodeImage } from '../../images/decode.js';
import { OPENCV_BILINEAR } from '../../images/resize_sample.js';
import { deployedPasses } from '../../models/deployed_passes.js';
import { predictionParts } from '../../models/open_config.js';
import type { StepConfig } from '../../steps/index.js';
import { stepAtSize, stepDivisor, stepNormalises, stepResampling, type TestPipeline } from '../../steps/pipeline.js';
import { createPredictor, type StageTiming } from '../../tasks/predictor.js';
import type { InputSize } from '../record.js';
import { noise } from '../timing/measure.js';
import { type EngineSettings, engineOptions } from './engine_settings.js';
import { type BenchmarkedNetwork, runnableNetwork } from './network.js';

/** Milliseconds of one run; without stages, of the network alone. */
export interface RunTimes {
  readonly network: number;
  readonly stages?: Readonly<Record<'file' | 'prepare' | 'decode', number>>;
}

/** A network on a device. Disposal frees both. */
export interface OpenedContestant extends AsyncDisposable {
  /** The network on a tensor that is there already, [batch, 3, height, width]. */
  runNetwork(input: Tensor): Promise<RunTimes>;
  /** The whole way of `batch` copies of an encoded picture, resized to just this size. */
  runStages(picture: Uint8Array, size: InputSize, batch: number): Promise<RunTimes>;
}

/** @throws {LowformerError} whatever opening the engine throws; the signal's reason when aborted. */
export async function openContestant(
  network: BenchmarkedNetwork,
  sizes: readonly InputSize[],
  settings: EngineSettings,
  { device, signal }: { readonly device: string; readonly signal: AbortSignal | undefined },
): Promise<OpenedContestant> {
  const runnable = await runnableNetwork(network, sizes, deployedPasses(settings.engine, device, settings));
  const options = engineOptions(settings, device, signal);
  const engine = await createEngine(settings.engine, runnable, options).catch((error: unknown) => {
    runnable[Symbol.dispose]();
    throw error;
  });
  const abort = signal === undefined ? {} : { signal };
  return {
    async runNetwork(input) {
      const start = performance.now();
      await engine.run({ input }, abort);
      return { network: performance.now() - start };
    },
    async runStages(picture, size, batch) {
      const { pipeline, labels } = predictionParts(network.opened);
      const { model } = network.opened;
      const predict = createPredictor({ model, runner: engine, pipeline: resizedPipeline(pipeline, size), labels });
      const start = performance.now();
      const images = await Promise.all(Array.from({ length: batch }, () => decodeImage(picture)));
      const file = performance.now() - start;
      const times: StageTiming[] = [];
      await predict(images, { ...abort, onTiming: (timing) => times.push(timing) });
      const sum = (stage: 'prepare' | 'network' | 'decode') =>
        times.reduce((total, timing) => total + timing[stage], 0);
      return { network: sum('network'), stages: { file, prepare: sum('prepare'), decode: sum('decode') } };
    },
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      runnable[Symbol.dispose]();
    },
  };
}

/** [batch, channels, height, width] of noise in the range of a normalised picture, the same for every contestant. */
export function noisyBatch(channels: number, { height, width }: InputSize, batch: number): Tensor {
  const shape = [batch, channels, height, width];
  return tensor(shape, new Float32Array(elements(shape)).map(noise(-2, 2)));
}

/** The config's pipeline with one resize, by the config's own rules of resizing, in the place of all that set the size. */
export function resizedPipeline(pipeline: TestPipeline, { height, width }: InputSize): TestPipeline {
  const first = pipeline.find((step) => stepDivisor(step) !== undefined);
  const own = first && stepAtSize(first, { width, height });
  if (own !== undefined) {
    return pipeline.flatMap((step) => (step === first ? [own] : stepDivisor(step) === undefined ? [step] : []));
  }
  const rules = (first && stepResampling(first)) ?? OPENCV_BILINEAR;
  const resize = { type: 'Resize', scale: [width, height], keep_ratio: false, ...rules } satisfies StepConfig;
  // 8-bit pixels are resized, whatever stood in that place.
  const at = pipeline.findIndex((step) => stepDivisor(step) !== undefined || stepNormalises(step));
  const before = pipeline.slice(0, Math.max(at, 0));
  const after = pipeline.slice(before.length).filter((step) => stepDivisor(step) === undefined);
  return [...before, resize, ...after];
}
