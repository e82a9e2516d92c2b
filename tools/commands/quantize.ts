import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { checkWritable, writeWhole } from '../../files/atomic_write.js';
import { listening } from '../../files/interruption.js';
import { packageVersion } from '../../files/package_version.js';
import { RANGE_METHODS } from '../../graph/quantization/ranges.js';
import { openConfigFor } from '../../models/checkpoint_form.js';
import { openModelWeights } from '../../models/network_weights.js';
import { predictionParts } from '../../models/open_config.js';
import { quantizedFile } from '../../models/quantized_file.js';
import { requireWeights } from '../../models/require_weights.js';
import { quantizeModel } from '../../quantization/quantize_model.js';
import { type QuantizationReport, reportLines } from '../../quantization/report.js';
import { type CommonOptions, commonOptions, weightsOptions, withCommonOptions } from '../common_options.js';
import { createConsole } from '../console.js';
import { expandImages } from '../image_arguments.js';
import { checkJsonTarget, writeJson } from '../json_output.js';

const optionsSchema = z.object({
  calibration: z.string(),
  out: z.string(),
  ranges: z.enum(RANGE_METHODS),
  weightBits: z.enum(['7', '8']).transform((bits) => (bits === '7' ? 7 : 8)),
  report: z.string().optional(),
});
type Options = z.output<typeof optionsSchema>;

/** `lowformer quantize CONFIG --checkpoint F --calibration DIR --out M.onnx`: a network in bytes, for processors. */
export function quantizeCommand(signal: AbortSignal): Command {
  return withCommonOptions(new Command('quantize'))
    .argument('<config>', 'a file, or the name of a shipped config')
    .requiredOption(
      '--calibration <dir>',
      'pictures like those that will come, a hundred or so: a folder, a file or a glob',
    )
    .requiredOption('--out <file>', 'the .onnx file, a config and its weights in one: detect FILE picture.jpg')
    .addOption(
      new Option('--ranges <name>', 'which part of the values 256 steps are to cover')
        .choices(RANGE_METHODS)
        .default('min-max'),
    )
    .addOption(
      new Option(
        '--weight-bits <n>',
        '8 is finer, and right only on processors with VNNI, on ARM, and in this toolkit: others overflow without a word',
      )
        .choices(['7', '8'])
        .default('7'),
    )
    .option('--report <file>', 'each layer, whether it is int8 and how far it is from the float network, as JSON')
    .action(async (config: string, given: unknown) => {
      await listening(() => quantize(config, commonOptions(given), optionsSchema.parse(given), signal));
    });
}

async function quantize(config: string, common: CommonOptions, options: Options, signal: AbortSignal): Promise<void> {
  checkOptions(common, options);
  const { calibration, out, ranges, weightBits, report: reportFile } = options;
  const log = createConsole(common.quiet);
  const { files } = await expandImages([calibration]);
  const weighted = weightsOptions(common, log, signal);
  const opened = await openConfigFor(common.checkpoint, config, common.cfgOptions, weighted);
  requireWeights(opened, config);
  predictionParts(opened);
  for (const target of [out, reportFile]) if (target !== undefined) await checkWritable(target);
  await checkJsonTarget(common.json);
  using weights = await openModelWeights(opened, weighted, log.say);
  const { threads } = common;
  const { network, layers, pictures, floatBytes } = await quantizeModel(opened, weights.parameters, files, {
    ranges,
    weightBits,
    log,
    signal,
    ...(threads === undefined ? {} : { threads }),
  });
  const file = quantizedFile(network, {
    opened,
    producerVersion: packageVersion(),
    metadata: {
      config: basename(config),
      classes: JSON.stringify(opened.metaInfo?.classes ?? []),
      size_divisor: String(opened.model.sizeDivisor),
      precision: 'int8',
    },
  });
  const report: QuantizationReport = {
    layers,
    bytes: { float32: floatBytes, int8: file.byteLength },
    pictures,
    ranges,
    weight_bits: weightBits,
  };
  await writeWhole(out, async (handle) => {
    for (const chunk of file.chunks()) {
      signal.throwIfAborted();
      await handle.writeFile(chunk);
    }
  });
  for (const line of reportLines(report)) log.say(line);
  if (reportFile !== undefined) await writeJson(reportFile, report);
  if (common.json !== undefined) await writeJson(common.json, report);
}

/** What would change nothing is refused. */
function checkOptions({ device, engine, precision, fastMath }: CommonOptions, { out }: Options): void {
  const refuse = (where: string, expected: string, received: unknown) => {
    throw new LowformerError({ code: 'invalid-argument', where, expected, received });
  };
  if (!/\.onnx$/i.test(out)) refuse('--out', 'a file whose name ends in .onnx', out);
  if (engine !== 'onnxruntime') refuse('--engine', 'onnxruntime, which runs quantized networks', engine);
  if (device !== 'cpu') refuse('--device', 'cpu, on which ranges are measured', device);
  if (precision !== 'float32') refuse('--precision', 'float32, from which int8 is made', precision);
  if (fastMath) refuse('--fast-math', 'exact products to measure ranges by', fastMath);
}
