import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import type { Log } from '../../core/log.js';
import { checkWritable, writeWhole } from '../../files/atomic_write.js';
import { listening } from '../../files/interruption.js';
import { packageVersion } from '../../files/package_version.js';
import type { QuantizedNetwork } from '../../graph/quantization/quantization.js';
import { RANGE_METHODS } from '../../graph/quantization/ranges.js';
import { openConfigFor } from '../../models/checkpoint_form.js';
import { openModelWeights } from '../../models/network_weights.js';
import { type OpenedConfig, predictionParts } from '../../models/open_config.js';
import { quantizedFile } from '../../models/quantized_file.js';
import { requireWeights } from '../../models/require_weights.js';
import { quantizeModel } from '../../quantization/quantize_model.js';
import {
  type AccuracyReport,
  finiteDecibels,
  outputReport,
  type QuantizationReport,
  reportLines,
} from '../../quantization/report.js';
import type { DatasetFormatOptions } from '../../scoring/formats/index.js';
import { choosableMetrics } from '../../scoring/metrics/choose.js';
import { divisorOf, type InputSizes } from '../../tasks/deploy.js';
import {
  type CommonOptions,
  commonOptions,
  outsideOption,
  weightsOptions,
  withCommonOptions,
} from '../common_options.js';
import { createConsole, EXIT } from '../console.js';
import { datasetOptionsSchema, formatOptions, withDatasetOptions } from '../dataset_options.js';
import { expandImages } from '../image_arguments.js';
import { checkJsonTarget, writeJson } from '../json_output.js';
import { labelOptionsSchema, withImageSuffix, withLabelOptions } from '../label_options.js';
import { metricOption, withMetricOptions } from '../metric_options.js';
import { type AccuracyCheck, accuracyCheck } from '../quantizing/accuracy.js';
import { verifyQuantized } from '../quantizing/verify.js';
import { writeStdout } from '../standard_streams.js';

const optionsSchema = z.object({
  ...datasetOptionsSchema.shape,
  ...labelOptionsSchema.shape,
  calibration: z.string(),
  out: z.string().optional(),
  verify: z.string().optional(),
  ranges: z.enum(RANGE_METHODS),
  weightBits: z.enum(['7', '8']).transform((bits) => (bits === '7' ? 7 : 8)),
  equalise: z.boolean().default(false),
  anySize: z.boolean().default(false),
  float: z.array(z.string()).default([]),
  sensitivity: z.boolean().default(false),
  minSnr: z.number().optional(),
  maxLoss: z.number().optional(),
  images: z.string().optional(),
  annotations: z.string().optional(),
  metric: z.string().optional(),
  imageSuffix: z.string().optional(),
  allowOutside: z.boolean().default(false),
  report: z.string().optional(),
});
type Options = z.output<typeof optionsSchema>;

/** What decides how a network is quantized: nothing of it can act on a file that is there. */
const MAKING = [
  'out',
  'ranges',
  'weightBits',
  'equalise',
  'anySize',
  'float',
  'sensitivity',
] as const satisfies readonly (keyof Options)[];

/** `lowformer quantize CONFIG --checkpoint F --calibration DIR --out M.onnx`: a network in bytes, for processors. */
export function quantizeCommand(signal: AbortSignal): Command {
  const command = withCommonOptions(new Command('quantize'))
    .argument('<config>', 'a file, or the name of a shipped config')
    .requiredOption(
      '--calibration <dir>',
      'pictures like those that will come, a hundred or so: a folder, a file or a glob',
    )
    .option('--out <file>', 'the .onnx file, a config and its weights in one: detect FILE picture.jpg')
    .option(
      '--verify <file>',
      'in place of --out: whether a quantized model keeps to --min-snr and --max-loss; exit code 1 if not',
    )
    .addOption(
      new Option('--ranges <name>', 'which part of the values 256 steps are to cover')
        .choices(RANGE_METHODS)
        .default('mse'),
    )
    .addOption(
      new Option(
        '--weight-bits <n>',
        '8 is finer, and right only on processors with VNNI, on ARM, and in this toolkit: others overflow without a word',
      )
        .choices(['7', '8'])
        .default('7'),
    )
    .option('--equalise', 'scale channels from layer to layer first, so that the weights of each layer are even')
    .option(
      '--any-size',
      "for pictures of every size, and not those alone that the config's pipeline makes: slower where there is a feature pyramid",
    )
    .option('--float <name...>', 'layers that stay float, by their names in the report')
    .option('--sensitivity', 'what each layer costs by itself: the outputs with that layer alone in int8')
    .addOption(
      new Option(
        '--min-snr <dB>',
        'leave layers that cost most in float until the outputs are as near as that',
      ).argParser(finiteNumber),
    )
    .addOption(
      new Option(
        '--max-loss <points>',
        'leave layers in float until the figure on --annotations loses no more',
      ).argParser(finiteNumber),
    )
    .option('--report <file>', 'all that is found out, layer by layer, as JSON')
    .option('--images <dir>', 'a folder of annotated pictures: AP, mIoU or accuracy before and after');
  const all = withAnnotationOptions(command);
  return all.action(async (config: string, given: object) => {
    const isGiven = (key: string) => all.getOptionValueSource(key) === 'cli';
    const options = { ...optionsSchema.parse(given), ...formatOptions(given) };
    await listening(() => quantize(config, commonOptions(given), options, { given, isGiven, signal }));
  });
}

/** How the pictures in --images are annotated, and by which metric they are scored: as evaluate takes it. */
function withAnnotationOptions(command: Command): Command {
  const annotated = command
    .option('--annotations <path>', 'of those pictures, as evaluate takes them')
    .addOption(outsideOption())
    .addOption(metricOption());
  return withDatasetOptions(withImageSuffix(withLabelOptions(withMetricOptions(annotated, choosableMetrics()))));
}

function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

interface Called {
  readonly given: object;
  /** Whether an option stands in the command line. */
  readonly isGiven: (key: string) => boolean;
  readonly signal: AbortSignal;
}

async function quantize(config: string, common: CommonOptions, options: Options, called: Called): Promise<void> {
  checkOptions(common, options, called);
  const {
    calibration,
    out,
    verify,
    ranges,
    weightBits,
    equalise,
    anySize,
    report: reportFile,
    minSnr,
    maxLoss,
  } = options;
  const { signal } = called;
  const log = createConsole(common.quiet);
  const { files } = await expandImages([calibration]);
  const weighted = weightsOptions(common, log, signal);
  const opened = await openConfigFor(common.checkpoint, config, common.cfgOptions, weighted);
  requireWeights(opened, config);
  const { pipeline } = predictionParts(opened);
  for (const target of [out, reportFile]) if (target !== undefined) await checkWritable(target);
  await checkJsonTarget(common.json);
  await using accuracy = await openAccuracy(opened, common, options, { called, log });
  const keep = async (report: object) => {
    if (reportFile !== undefined) await writeJson(reportFile, report);
    if (common.json !== undefined) await writeJson(common.json, report);
  };
  using weights = await openModelWeights(opened, weighted, log.say);
  const threads = common.threads === undefined ? {} : { threads: common.threads };
  if (verify !== undefined) {
    const verified = { opened, weights, files, path: verify, accuracy, bounds: { minSnr, maxLoss } };
    const { report, lines, kept } = await verifyQuantized(verified, { ...threads, signal, log });
    // What was found is what the command is for; of quantizing that is the file.
    if (common.json !== '-' && !common.quiet) await writeStdout(`${lines.join('\n')}\n`);
    await keep(report);
    if (!kept) process.exitCode = EXIT.fault;
    return;
  }
  const inputs: InputSizes = anySize ? { kind: 'any' } : { kind: 'prepared', pipeline };
  const fileOf = (network: QuantizedNetwork) =>
    quantizedFile(network, {
      opened,
      sizeDivisor: divisorOf(opened.model, inputs),
      producerVersion: packageVersion(),
      metadata: {
        config: basename(config),
        classes: JSON.stringify(opened.metaInfo?.classes ?? []),
        precision: 'int8',
      },
    });
  const shown = options.images === undefined ? undefined : await expandImages([options.images]);
  const known = new Map<QuantizedNetwork, AccuracyReport>();
  const accuracyOf = async (network: QuantizedNetwork) => {
    const found = known.get(network) ?? (await accuracy?.network(fileOf(network)));
    if (found !== undefined) known.set(network, found);
    return found;
  };
  const accepts = async (network: QuantizedNetwork) =>
    ((await accuracyOf(network))?.loss ?? 0) <= (maxLoss ?? Number.POSITIVE_INFINITY);
  const { network, layers, pictures, floatBytes, outputs, fits, costs } = await quantizeModel(
    opened,
    weights.parameters,
    files,
    {
      ranges,
      weightBits,
      equalise,
      inputs,
      ...(shown === undefined ? {} : { shown: shown.files }),
      float: new Set(options.float),
      sensitivity: options.sensitivity,
      ...(minSnr === undefined && maxLoss === undefined
        ? {}
        : { bound: { ...(minSnr === undefined ? {} : { minSnr }), ...(maxLoss === undefined ? {} : { accepts }) } }),
      log,
      signal,
      ...threads,
    },
  );
  const file = fileOf(network);
  const figures = await accuracyOf(network);
  const report: QuantizationReport = {
    layers,
    bytes: { float32: floatBytes, int8: file.byteLength },
    pictures,
    ranges,
    weight_bits: weightBits,
    equalised: equalise,
    outputs: outputReport(outputs),
    ...(fits === undefined ? {} : { range_fit: fits }),
    ...(costs === undefined
      ? {}
      : {
          sensitivity: costs.map(({ name, outputSignalToNoise }) => ({
            name,
            output_signal_to_noise_db: finiteDecibels(outputSignalToNoise),
          })),
        }),
    ...(figures === undefined ? {} : { accuracy: figures }),
  };
  await writeWhole(out ?? '', async (handle) => {
    for (const chunk of file.chunks()) {
      signal.throwIfAborted();
      await handle.writeFile(chunk);
    }
  });
  for (const line of reportLines(report)) log.say(line);
  await keep(report);
}

/** What annotated pictures say, where there are such. */
function openAccuracy(
  opened: OpenedConfig,
  common: CommonOptions,
  options: Options & DatasetFormatOptions,
  { called, log }: { readonly called: Called; readonly log: Log },
): Promise<AccuracyCheck> | undefined {
  const { images, metric, strict } = options;
  if (images === undefined) return undefined;
  const data = { source: { ...options, images }, metric, metricOptions: called.given };
  return accuracyCheck({ opened, common, data, strict, signal: called.signal, log });
}

function refuse(where: string, expected: string, received: unknown): never {
  throw new LowformerError({ code: 'invalid-argument', where, expected, received });
}

/** What would change nothing is refused. */
function checkOptions(common: CommonOptions, options: Options, { isGiven }: Called): void {
  const { device, engine, precision, fastMath } = common;
  const { out, verify, images, annotations, minSnr, maxLoss } = options;
  if (verify === undefined) {
    if (out === undefined) refuse('--out', 'the .onnx file to write, or --verify and one that is there', 'none');
    if (!/\.onnx$/i.test(out)) refuse('--out', 'a file whose name ends in .onnx', out);
  } else {
    const idle = MAKING.find(isGiven);
    if (idle !== undefined) refuse(flagOf(idle), '--verify by itself: what is verified is made already', 'both');
    if (minSnr === undefined && maxLoss === undefined)
      refuse('--verify', '--min-snr or --max-loss to verify', 'neither');
  }
  if (images === undefined) {
    const own = withAnnotationOptions(new Command()).options.map((option) => option.attributeName());
    const lone = [...own, 'maxLoss'].find(isGiven);
    if (lone !== undefined) refuse(flagOf(lone), '--images, the folder of annotated pictures,', 'none');
  } else if (annotations === undefined && options.format === undefined && maxLoss !== undefined) {
    refuse('--max-loss', '--annotations to have a figure of', 'none');
  }
  if (engine !== 'onnxruntime') refuse('--engine', 'onnxruntime, which runs quantized networks', engine);
  if (device !== 'cpu') refuse('--device', 'cpu, on which ranges are measured', device);
  if (precision !== 'float32') refuse('--precision', 'float32, from which int8 is made', precision);
  if (fastMath) refuse('--fast-math', 'exact products to measure ranges by', fastMath);
}

function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
