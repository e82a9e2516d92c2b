import { Command, Option } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { collectNotes, noteText } from '../../core/notes.js';
import type { Result } from '../../core/results.js';
import { AUTO } from '../../engines/auto/choice.js';
import { checkWritable } from '../../files/atomic_write.js';
import { packageVersion } from '../../files/package_version.js';
import { augmentationOf } from '../../models/augmentation.js';
import { openConfigFor } from '../../models/checkpoint_form.js';
import { loadOpened } from '../../models/loaded_model.js';
import { type OpenedConfig, predictionParts } from '../../models/open_config.js';
import type { LoadOptions } from '../../models/options.js';
import { requireWeights } from '../../models/require_weights.js';
import { sessionsFor } from '../../models/sessions_for.js';
import { notADetector } from '../../models/slices.js';
import { giveOut } from '../../queue/give_out.js';
import type { TaskKind } from '../../registry/define_task.js';
import { evaluate } from '../../runs/evaluate.js';
import type { Evaluation } from '../../runs/evaluation.js';
import { fileFingerprint, fingerprint } from '../../runs/fingerprint.js';
import { JOURNAL_ENDING, type RunIdentity } from '../../runs/journal.js';
import { formatNames } from '../../scoring/formats/choose.js';
import type { DatasetFormatOptions } from '../../scoring/formats/index.js';
import { choosableMetrics, namedMetric } from '../../scoring/metrics/choose.js';
import { tellNotes } from '../../scoring/report.js';
import {
  type CommonOptions,
  commonOptions,
  denseBoxesOption,
  outsideOption,
  positiveInteger,
  runningOptions,
  sessionsOption,
  ttaOption,
  weightsOptions,
  withCommonOptions,
} from '../common_options.js';
import { createConsole } from '../console.js';
import { datasetOptionsSchema, formatFlagOf, formatOptions, withDatasetOptions } from '../dataset_options.js';
import { checkJsonTarget } from '../json_output.js';
import { labelOptionsSchema, withImageSuffix, withLabelOptions } from '../label_options.js';
import { checkChoice, chooseLater } from '../late_choice.js';
import { metricOption, withMetricOptions } from '../metric_options.js';
import { openQueue, queueOption, refuseWorkerOptions } from '../queue_option.js';
import { parseShard } from '../shard_option.js';
import { maxPixelsOption, sliceOptionsSchema, slicesOf, withSliceOptions } from '../slice_options.js';
import { writeReport } from '../write_report.js';

const optionsSchema = z.object({
  ...datasetOptionsSchema.shape,
  ...sliceOptionsSchema.shape,
  maxPixels: z.number().optional(),
  images: z.string(),
  annotations: z.string().optional(),
  predictions: z.string().optional(),
  batchSize: z.number(),
  sessions: z.number().optional(),
  resume: z.boolean().default(false),
  tta: z.boolean().default(false),
  denseBoxes: z.boolean().optional(),
  queue: z.string().optional(),
  shard: z.object({ shard: z.number(), of: z.number() }).optional(),
  metric: z.string().optional(),
  ...labelOptionsSchema.shape,
  imageSuffix: z.string().optional(),
  allowOutside: z.boolean().default(false),
});
type Options = z.output<typeof optionsSchema> & DatasetFormatOptions;

interface Called {
  /** Every option as it was given, those of metrics among them. */
  readonly given: object;
  readonly signal: AbortSignal;
  /** Whether `--format` and `--metric` name what is there, once the config is read. */
  readonly checkNames: () => void;
}

/** `lowformer evaluate CONFIG --images DIR --annotations PATH`: a model's figures on a dataset. */
export function evaluateCommand(signal: AbortSignal): Command {
  const command = withCommonOptions(new Command('evaluate'))
    .argument('<config>', 'a file, or the name of a shipped config')
    .requiredOption('--images <dir>', 'the folder of pictures')
    .addOption(outsideOption())
    .option(
      '--annotations <path>',
      'COCO JSON, a folder of VOC XML or YOLO labels, a YOLO data.yaml; a folder of label PNGs; names of class folders',
    )
    .option('--predictions <path>', "keep detections in COCO's results format (FILE), label maps as PNGs (DIR)")
    .addOption(
      new Option('--batch-size <n>', 'pictures in one run of the network').default(1).argParser(positiveInteger),
    )
    .addOption(sessionsOption())
    .option('--resume', 'continue a run that was interrupted')
    .addOption(ttaOption())
    .addOption(denseBoxesOption())
    .addOption(new Option('--shard <k/n>', 'only this part of the pictures, into --predictions').argParser(parseShard))
    .addOption(queueOption("leave the pictures to workers ('lowformer worker')"))
    .addOption(maxPixelsOption())
    .addOption(metricOption());
  const withMetrics = withMetricOptions(withSliceOptions(command), choosableMetrics());
  const all = withDatasetOptions(withImageSuffix(withLabelOptions(withMetrics)));
  chooseLater(all, '--format');
  chooseLater(all, '--metric');
  return all.action(async (config: string, given: object) => {
    const options = { ...optionsSchema.parse(given), ...formatOptions(given) };
    const checkNames = () => {
      checkChoice(all, '--format', options.format, formatNames());
      checkChoice(
        all,
        '--metric',
        options.metric,
        choosableMetrics().map(({ type }) => type),
      );
    };
    await evaluateConfig(config, commonOptions(given), options, { given, signal, checkNames });
  });
}

async function evaluateConfig(
  config: string,
  common: CommonOptions,
  options: Options,
  { given, signal, checkNames }: Called,
): Promise<void> {
  const { json, quiet, allowMismatch, cfgOptions, engine, checkpointKey, cache } = common;
  const log = createConsole(quiet);
  const notes = collectNotes();
  let told: readonly string[] = [];
  const opened = await openConfigFor(common.checkpoint, config, cfgOptions, weightsOptions(common, log, signal));
  checkNames();
  const { task, numClasses } = opened.model;
  requireWeights(opened, config);
  const { labels } = predictionParts(opened, options.tta);
  checkOptions(options, task);
  const slices = slicesOf(options, options.batchSize, { '--tta': options.tta, '--queue': options.queue !== undefined });
  if (slices !== undefined && task !== 'detection') throw notADetector(task);
  await checkJsonTarget(json);
  if (options.queue !== undefined) refuseWorkerOptions({ ...common, sessions: options.sessions });
  await using queue = options.queue === undefined ? undefined : await openQueue(options.queue);
  const { shard, predictions, batchSize, sessions, resume, tta, denseBoxes } = options;
  // What is wrong with it is said before the dataset is read.
  if (tta) augmentationOf(opened);
  if (predictions !== undefined && task === 'detection') await checkWritable(predictions);
  const journal = journalPath(options, task);
  const asked = {
    allowMismatch,
    cfgOptions,
    engine,
    keepNetwork: cache,
    signal,
    onMessage: log.say,
    ...runningOptions(common),
    ...(tta ? { tta } : {}),
    ...(sessions === undefined ? {} : { sessions }),
    ...(denseBoxes === undefined ? {} : { denseBoxes }),
    ...(checkpointKey === undefined ? {} : { checkpointKey }),
  };
  const evaluation: Evaluation = {
    opened,
    async settle() {
      const load = await withEngine(opened, asked);
      const identity = await identify(opened, { ...common, engine: load.engine }, batchSize);
      const looks = { ...(tta ? { tta: 'views' } : {}), ...(slices ? { slices: fingerprint([slices]) } : {}) };
      return { load, identity: { ...identity, ...looks } };
    },
    ...(queue && {
      elsewhere: <R extends Result>() =>
        giveOut<R>({ connection: queue, opened, reference: config, load: asked, batchSize, log }),
    }),
    classes: {
      classes: labels.map(({ category }) => category),
      category_ids: opened.metaInfo?.category_ids,
      palette: opened.metaInfo?.palette,
    },
    numClasses,
    batchSize,
    pictures: {
      ...(slices === undefined ? {} : { slices }),
      ...(options.maxPixels === undefined ? {} : { maxPixels: options.maxPixels }),
    },
    shard,
    predictions,
    journal,
    resume,
    signal,
    log,
    tell: () => {
      tellNotes(notes, { strict: options.strict, log });
      told = notes.list().map(noteText);
    },
    tellNew() {
      for (const text of notes.list().map(noteText)) if (!told.includes(text)) log.warn(text);
    },
    notes,
    async write(report) {
      try {
        await writeReport(report, { json, log, notes });
      } catch (error) {
        log.say(`${journal} has all that was found: --resume gives the figures again`);
        throw error;
      }
    },
  };
  await evaluate(evaluation, { source: options, metric: options.metric, metricOptions: given });
}

/**
 * With the name of an engine in the place of `auto`: journal and shards say which one their results are of, and a run that
 * continues goes on with that one or not at all.
 */
async function withEngine<Given extends LoadOptions & { readonly engine: string }>(
  opened: OpenedConfig,
  options: Given,
): Promise<Given> {
  if (options.engine !== AUTO) return options;
  const sessions = sessionsFor(Number.POSITIVE_INFINITY, options);
  await using model = await loadOpened(opened, { ...options, sessions });
  return { ...options, sessions, engine: model.engine.name };
}

/** What two runs have in common whose results may stand side by side. */
async function identify(
  { config, checkpoint }: OpenedConfig,
  { checkpointKey, device, engine, precision, fastMath, allowMismatch }: CommonOptions,
  batchSize: number,
): Promise<RunIdentity> {
  return {
    version: packageVersion(),
    config: fingerprint([config.value, allowMismatch, ...(checkpointKey === undefined ? [] : [checkpointKey])]),
    checkpoint: checkpoint === undefined ? 'none' : await fileFingerprint(checkpoint),
    device,
    engine,
    arithmetic: fastMath ? 'fast' : precision,
    batchSize,
  };
}

/** Options that not every task has. */
const TASKS_OF = {
  classes: ['detection'],
  list: ['detection', 'segmentation'],
  denseBoxes: ['detection'],
  predictions: ['detection', 'segmentation'],
  shard: ['detection', 'segmentation'],
} as const satisfies Partial<Record<keyof Options, readonly TaskKind[]>>;

function checkOptions(options: Options, task: TaskKind): void {
  const wrong = (where: string, expected: string, received: unknown) =>
    new LowformerError({ code: 'invalid-argument', where, expected, received });
  namedMetric(options.metric, task);
  const foreign = formatFlagOf(options, task);
  if (foreign !== undefined) throw wrong(foreign.where, `a config for ${foreign.task}`, task);
  const given: Readonly<Record<string, unknown>> = options;
  for (const [key, tasks] of Object.entries<readonly TaskKind[]>(TASKS_OF)) {
    if (given[key] !== undefined && !tasks.includes(task)) {
      throw wrong(flagOf(key), `a config for ${tasks.join(' or ')}`, task);
    }
  }
  if (options.maxPixels !== undefined && options.queue !== undefined) {
    throw wrong('--max-pixels', 'none beside --queue, where workers read the pictures,', options.maxPixels);
  }
  if (options.shard !== undefined && options.queue !== undefined) {
    throw wrong('--shard', 'either --shard or --queue, which makes shards itself,', 'both');
  }
  if (options.shard !== undefined && options.predictions === undefined) {
    throw wrong('--shard', '--predictions, where its results go,', 'none');
  }
}

/** `--dense-boxes` for `denseBoxes`. */
function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Beside what is kept; shards of a segmenter share one folder. */
function journalPath({ predictions, shard }: Options, task: string): string {
  const base = predictions === undefined ? 'evaluate' : predictions.replace(/(?<=.)[\\/]+$/, '');
  const part = shard !== undefined && task === 'segmentation' ? `.${shard.shard}-of-${shard.of}` : '';
  return `${base}${part}${JOURNAL_ENDING}`;
}
