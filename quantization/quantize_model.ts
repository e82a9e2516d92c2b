/** From a config, its weights and a folder of pictures to a network in bytes. */

import { LowformerError, nearestName } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import type { Log } from '../core/log.js';
import type { ParameterSource } from '../graph/graph.js';
import { writeOnnx } from '../graph/onnx/write.js';
import { dropUnitConvolutions, type Pass, runPasses, switchedPasses } from '../graph/passes/index.js';
import type { WeightBits } from '../graph/quantization/codes.js';
import { equaliseLayers } from '../graph/quantization/equalise.js';
import { layerNames } from '../graph/quantization/layer_names.js';
import type { QuantizedNetwork } from '../graph/quantization/quantization.js';
import { observedValues, quantizeNetwork } from '../graph/quantization/quantize_network.js';
import { quantizedLayers } from '../graph/quantization/quantized_layers.js';
import type { RangeMethod } from '../graph/quantization/ranges.js';
import { deployedPasses } from '../models/deployed_passes.js';
import { loadImage } from '../models/image_source.js';
import { type OpenedConfig, predictionParts } from '../models/open_config.js';
import { deploy, type InputSizes } from '../tasks/deploy.js';
import type { Runner } from '../tasks/network_runs.js';
import { createPredictor } from '../tasks/predictor.js';
import { compare } from './compare.js';
import { fewestFloatLayers } from './float_layers.js';
import { observe } from './observe.js';
import { type FloatOutputs, floatOutputs, type OutputComparison } from './output_comparison.js';
import type { ProbeOptions } from './probe.js';
import { type RangeFit, rangeFits, rangeWarning } from './range_fit.js';
import type { LayerReport } from './report.js';
import { type LayerCost, layerCosts, layersWithCost } from './sensitivity.js';

export interface QuantizeModelOptions {
  readonly ranges: RangeMethod;
  readonly weightBits: WeightBits;
  /** Names of layers that stay float. */
  readonly float?: ReadonlySet<string>;
  /** Whether channels are scaled from layer to layer first, so that weights are even; false unless told otherwise. */
  readonly equalise?: boolean;
  /** The sizes that it is to take: the fewer, the faster it may be. */
  readonly inputs: InputSizes;
  /** Other pictures of the kind that will come: whether the ranges of the calibration set are theirs too. */
  readonly shown?: readonly string[];
  /** Whether to find out what each layer costs by itself. */
  readonly sensitivity?: boolean;
  /** What the network must keep to: layers that cost most stay float until it does. */
  readonly bound?: Bound;
  /** Of one operation on the processor. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly log: Log;
}

/** What a quantized network must keep to. */
export interface Bound {
  /** The least signal to noise of the outputs, in dB. */
  readonly minSnr?: number;
  /** Whether it predicts well enough: asked of each network that keeps to `minSnr`. */
  readonly accepts?: (network: QuantizedNetwork) => Promise<boolean>;
}

export interface QuantizedModel {
  readonly network: QuantizedNetwork;
  readonly layers: readonly LayerReport[];
  /** Those of the calibration set that were read. */
  readonly pictures: number;
  /** Bytes of the float network as an ONNX file. */
  readonly floatBytes: number;
  /** Of the whole network. */
  readonly outputs: OutputComparison;
  /** Where there were other pictures to show. */
  readonly fits?: readonly RangeFit[];
  /** Highest first; where they were asked for, or a bound made it necessary. */
  readonly costs?: readonly LayerCost[];
}

/** Fewer products, and no transposed convolutions, of which there are none on bytes. */
export const INT8_PASSES: readonly Pass[] = [
  ...switchedPasses({ composePairs: true, composeLinear: true, subPixel: true }),
  dropUnitConvolutions,
];

/** Below, what the pictures show is rather theirs than the network's. */
const FEW_PICTURES = 8;
/** Layers are compared over so many of the pictures: more hardly move a figure of decibels. */
const COMPARED_PICTURES = 8;

/**
 * Quantizes a model by what its values are over pictures, and says how far each layer is from the float network then.
 * @param files paths of pictures; those that cannot be read are named and passed over.
 * @throws {LowformerError} `unreadable-image` where none can be read; `invalid-argument` where no layer can be quantized,
 *   for a layer in `float` that there is not, and where the bound is not kept with one layer alone in int8.
 */
export async function quantizeModel(
  opened: OpenedConfig,
  parameters: ParameterSource,
  files: readonly string[],
  {
    ranges,
    weightBits,
    float = new Set(),
    equalise,
    inputs,
    shown = [],
    sensitivity,
    bound,
    threads,
    signal,
    log,
  }: QuantizeModelOptions,
): Promise<QuantizedModel> {
  const deployed = deploy(opened.model, parameters, { inputs, passes: INT8_PASSES });
  const network = equalise === true ? runPasses(deployed, [equaliseLayers]) : deployed;
  checkLayers(float, layerNames(network.graph));
  const probing: ProbeOptions = {
    ...(threads === undefined ? {} : { threads }),
    ...(signal === undefined ? {} : { signal }),
  };
  const over = (some: readonly string[], runner: Runner, what: string) =>
    runPictures({ opened, files: some, runner, what, signal, log });

  await using observer = observe(network, observedValues(network, { float }), probing);
  const read = await over(files, observer, 'calibration');
  if (read.length < FEW_PICTURES) {
    log.warn(
      `${read.length === 1 ? 'one picture' : `${read.length} pictures`} to calibrate with: a hundred or more of those that will come give better ranges`,
    );
  }
  const observations = observer.observations(ranges);
  const compared = read.slice(0, COMPARED_PICTURES);
  const make = (more: Iterable<string> = []) =>
    quantizeNetwork(network, observations, { float: new Set([...float, ...more]), weightBits });

  await using outputs = await startFloat(opened, parameters, probing);
  await over(compared, outputs, 'float network');
  const first = make();
  const search = async () => {
    const names = layersWithCost(quantizedLayers(network.graph, { float }));
    return layerCosts(names, make, outputs, log);
  };
  const within = await keepBound(first, bound, { make, outputs, search, log });
  const costs = within.costs ?? (sensitivity === true ? await search() : undefined);
  const { network: quantized } = within;
  const plan = { float: new Set([...float, ...within.float]) };

  await using comparison = compare(network, quantized, probing);
  await over(compared, comparison, 'comparison');
  const fits = async () => {
    await using others = observe(network, [...quantized.quantization.codes.keys()], probing);
    const some = shown.filter((_, i) => i % Math.ceil(shown.length / COMPARED_PICTURES) === 0);
    await runPictures({
      opened,
      files: some,
      runner: others,
      what: 'ranges of --images',
      signal,
      log,
      from: '--images',
    });
    const found = rangeFits(network, quantized, observer.histograms(), others.histograms());
    const warning = rangeWarning(found, 'the pictures in --images');
    if (warning !== undefined) log.warn(warning);
    return found;
  };
  const layers = quantizedLayers(network.graph, plan, quantized.quantization).map(
    ({ values, ...layer }): LayerReport => {
      const known = values.filter((id) => quantized.quantization.codes.has(id));
      return { ...layer, signal_to_noise_db: known.length === 0 ? null : comparison.signalToNoise(known) };
    },
  );
  return {
    network: quantized,
    layers,
    pictures: read.length,
    floatBytes: writeOnnx(network).byteLength,
    outputs: within.outputs ?? (await outputs.compare(quantized)),
    ...(shown.length === 0 ? {} : { fits: await fits() }),
    ...(costs === undefined ? {} : { costs }),
  };
}

/** The float network as predictions run it, whatever is equalised. */
export function startFloat(
  opened: OpenedConfig,
  parameters: ParameterSource,
  options: ProbeOptions,
): Promise<FloatOutputs> {
  const { pipeline } = predictionParts(opened);
  const passes = deployedPasses('onnxruntime', 'cpu');
  return floatOutputs(deploy(opened.model, parameters, { inputs: { kind: 'prepared', pipeline }, passes }), options);
}

interface Search {
  readonly make: (float: Iterable<string>) => QuantizedNetwork;
  readonly outputs: FloatOutputs;
  readonly search: () => Promise<readonly LayerCost[]>;
  readonly log: Log;
}

interface Kept {
  readonly network: QuantizedNetwork;
  readonly float: readonly string[];
  readonly outputs?: OutputComparison;
  readonly costs?: readonly LayerCost[];
}

/** The network with as few layers in float, beside those that were asked for, as the bound needs. */
async function keepBound(first: QuantizedNetwork, bound: Bound | undefined, tools: Search): Promise<Kept> {
  if (bound === undefined) return { network: first, float: [] };
  const { make, outputs, search, log } = tools;
  const { minSnr = Number.NEGATIVE_INFINITY, accepts = async () => true } = bound;
  const attempt = async (network: QuantizedNetwork) => {
    const found = await outputs.compare(network);
    return { network, outputs: found, keeps: found.signalToNoise >= minSnr && (await accepts(network)) };
  };
  const whole = await attempt(first);
  if (whole.keeps) return { ...whole, float: [] };
  const costs = await search();
  const found = await fewestFloatLayers(
    costs,
    (float) => {
      if (float.length > 0) log.say(`${float.length} of ${costs.length} layers in float`);
      return float.length === 0 ? Promise.resolve(whole) : attempt(make(float));
    },
    ({ keeps }) => keeps,
  );
  if (found !== undefined) return { ...found.result, float: found.float, costs };
  const expected = 'a bound that is kept with at least one layer in int8';
  throw new LowformerError({ code: 'invalid-argument', where: 'quantize', expected, received: 'none' });
}

/** @throws {LowformerError} for a name that is no layer's. */
function checkLayers(given: ReadonlySet<string>, known: readonly string[]): void {
  for (const name of given) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? 'The report names every layer.' : `Did you mean '${nearest}'?`;
    throw new LowformerError({ code: 'invalid-argument', where: '--float', expected: 'a layer', received: name, hint });
  }
}

export interface PictureRuns {
  readonly opened: OpenedConfig;
  readonly files: readonly string[];
  readonly runner: Runner;
  readonly what: string;
  /** Where errors say that none could be read; `--calibration` unless told otherwise. */
  readonly from?: string;
  readonly signal: AbortSignal | undefined;
  readonly log: Log;
}

/** Runs a network over pictures one by one, prepared as for a prediction. @returns those that could be read. */
export async function runPictures({
  opened,
  files,
  runner,
  what,
  from = '--calibration',
  signal,
  log,
}: PictureRuns): Promise<readonly string[]> {
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
  const expected = from === '--calibration' ? 'pictures to calibrate with' : 'pictures';
  throw new LowformerError({ code: 'unreadable-image', where: from, expected: `${expected}, but none can be read` });
}

function isPlain({ data }: RgbImage): boolean {
  const [r, g, b] = data;
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] !== r || data[i + 1] !== g || data[i + 2] !== b) return false;
  }
  return true;
}
