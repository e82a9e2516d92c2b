/** From a config, its weights and a folder of pictures to a network in bytes. */

import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import type { Log } from '../core/log.js';
import type { ParameterSource } from '../graph/graph.js';
import { writeOnnx } from '../graph/onnx/write.js';
import type { WeightBits } from '../graph/quantization/codes.js';
import type { QuantizedNetwork } from '../graph/quantization/quantization.js';
import { observedValues, quantizeNetwork } from '../graph/quantization/quantize_network.js';
import { quantizedLayers } from '../graph/quantization/quantized_layers.js';
import type { RangeMethod } from '../graph/quantization/ranges.js';
import { loadImage } from '../models/image_source.js';
import { type OpenedConfig, predictionParts } from '../models/open_config.js';
import { deploy } from '../tasks/deploy.js';
import type { Runner } from '../tasks/network_runs.js';
import { createPredictor } from '../tasks/predictor.js';
import { compare } from './compare.js';
import { observe } from './observe.js';
import type { ProbeOptions } from './probe.js';
import type { LayerReport } from './report.js';

export interface QuantizeModelOptions {
  readonly ranges: RangeMethod;
  readonly weightBits: WeightBits;
  /** Names of layers that stay float. */
  readonly float?: ReadonlySet<string>;
  /** Of one operation on the processor. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly log: Log;
}

export interface QuantizedModel {
  readonly network: QuantizedNetwork;
  readonly layers: readonly LayerReport[];
  /** Those of the calibration set that were read. */
  readonly pictures: number;
  /** Bytes of the float network as an ONNX file. */
  readonly floatBytes: number;
}

/** Below, what the pictures show is rather theirs than the network's. */
const FEW_PICTURES = 8;
/** Layers are compared over so many of the pictures: more hardly move a figure of decibels. */
const COMPARED_PICTURES = 8;

/**
 * Quantizes a model by what its values are over pictures, and says how far each layer is from the float network then.
 * @param files paths of pictures; those that cannot be read are named and passed over.
 * @throws {LowformerError} `unreadable-image` where none can be read; `invalid-argument` where no layer can be quantized.
 */
export async function quantizeModel(
  opened: OpenedConfig,
  parameters: ParameterSource,
  files: readonly string[],
  { ranges, weightBits, float, threads, signal, log }: QuantizeModelOptions,
): Promise<QuantizedModel> {
  const network = deploy(opened.model, parameters, { inputs: { kind: 'any' }, passes: { subPixel: true } });
  const plan = float === undefined ? {} : { float };
  const probing: ProbeOptions = {
    ...(threads === undefined ? {} : { threads }),
    ...(signal === undefined ? {} : { signal }),
  };
  const over = (some: readonly string[], runner: Runner, what: string) =>
    runPictures({ opened, files: some, runner, what, signal, log });

  await using observer = observe(network, observedValues(network, plan), probing);
  const read = await over(files, observer, 'calibration');
  if (read.length < FEW_PICTURES) {
    log.warn(
      `${read.length === 1 ? 'one picture' : `${read.length} pictures`} to calibrate with: a hundred or more of those that will come give better ranges`,
    );
  }
  const quantized = quantizeNetwork(network, observer.observations(ranges), { ...plan, weightBits });
  await using comparison = compare(network, quantized, probing);
  await over(read.slice(0, COMPARED_PICTURES), comparison, 'comparison');
  const layers = quantizedLayers(network.graph, plan).map(({ values, ...layer }): LayerReport => {
    const known = values.filter((id) => quantized.quantization.codes.has(id));
    return { ...layer, signal_to_noise_db: known.length === 0 ? null : comparison.signalToNoise(known) };
  });
  return { network: quantized, layers, pictures: read.length, floatBytes: writeOnnx(network).byteLength };
}

interface PictureRuns {
  readonly opened: OpenedConfig;
  readonly files: readonly string[];
  readonly runner: Runner;
  readonly what: string;
  readonly signal: AbortSignal | undefined;
  readonly log: Log;
}

/** Runs a network over pictures one by one, prepared as for a prediction. @returns those that could be read. */
async function runPictures({ opened, files, runner, what, signal, log }: PictureRuns): Promise<readonly string[]> {
  const predict = createPredictor({ model: opened.model, runner, ...predictionParts(opened) });
  const read: string[] = [];
  const bad: LowformerError[] = [];
  const dull: string[] = [];
  const progress = log.progress(files.length, 'pictures');
  try {
    for (const file of files) {
      signal?.throwIfAborted();
      const image = await loadImage(file, { name: file }).catch((error: unknown) => {
        if (!(error instanceof LowformerError)) throw error;
        bad.push(error);
        return undefined;
      });
      if (image !== undefined) {
        await predict([image], signal === undefined ? {} : { signal }, [file]);
        read.push(file);
        if (isPlain(image)) dull.push(file);
      }
      progress.done(`${what}: ${file}`);
    }
  } finally {
    progress.stop();
  }
  for (const { message } of bad) log.warn(`passed over: ${message}`);
  if (dull.length > 0)
    log.warn(`pictures of one colour alone, which show nothing of what will come: ${dull.join(', ')}`);
  if (read.length > 0) return read;
  const expected = 'pictures to calibrate with, but none can be read';
  throw new LowformerError({ code: 'unreadable-image', where: '--calibration', expected });
}

function isPlain({ data }: RgbImage): boolean {
  const [r, g, b] = data;
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] !== r || data[i + 1] !== g || data[i + 2] !== b) return false;
  }
  return true;
}
