import { Command, Option } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import type { Progress } from '../../core/log.js';
import { collectNotes } from '../../core/notes.js';
import { interruption, listening } from '../../files/interruption.js';
import { metricOptions, metricsOf } from '../../scoring/metrics/choose.js';
import type { AnyMetric } from '../../scoring/metrics/index.js';
import { tellNotes } from '../../scoring/report.js';
import { positiveInteger, withIdleOptions } from '../common_options.js';
import { createConsole } from '../console.js';
import { datasetOptionsSchema, formatOptions, withDatasetOptions, withStrict } from '../dataset_options.js';
import { checkJsonTarget } from '../json_output.js';
import {
  labelOptionsSchema,
  predictedLabelsSchema,
  withLabelOptions,
  withPredictedLabelOptions,
} from '../label_options.js';
import { withMetricOptions } from '../metric_options.js';
import { writeReport } from '../write_report.js';

const outputSchema = z.object({
  json: z.string().optional(),
  quiet: z.boolean().default(false),
});
const detectionSchema = outputSchema.extend({
  ...datasetOptionsSchema.shape,
  annotations: z.string(),
  images: z.string().optional(),
  predictions: z.string().optional(),
  merge: z.array(z.string()).optional(),
});
const segmentationSchema = outputSchema.extend({
  ...labelOptionsSchema.shape,
  ...predictedLabelsSchema.shape,
  list: z.string().optional(),
  classes: z.string().optional(),
  strict: z.boolean().default(false),
  labels: z.string(),
  predictions: z.string(),
  numClasses: z.number().optional(),
});

/**
 * `lowformer score coco|voc|miou`: figures of results files, without a model, by each metric that takes such. What a verb
 * calculates with is read from the disk when it is called.
 */
export function scoreCommand(): Command {
  const command = new Command('score');
  for (const metric of metricsOf('detection')) command.addCommand(detectionCommand(metric));
  for (const metric of metricsOf('segmentation')) command.addCommand(segmentationCommand(metric));
  return command;
}

const TRUTH =
  "ground truth: COCO's JSON, a folder of Pascal VOC's XML or a list of ImageSets/Main, YOLO labels or data.yaml";

const IMAGES = 'the pictures, which YOLO labels are shares of';

const RESULTS = ['--predictions <file>', "detections in COCO's results format"] as const;

function detectionCommand(metric: Extract<AnyMetric, { task: 'detection' }>): Command {
  const { type, description, truthNote, merges = true } = metric;
  const plain = new Command(type)
    .description(description)
    .requiredOption('--annotations <path>', truthNote === undefined ? TRUTH : `${TRUTH}; ${truthNote}`)
    .option('--images <dir>', IMAGES);
  const command = withMetricOptions(merges ? plain.option(...RESULTS) : plain.requiredOption(...RESULTS), [metric]);
  if (merges) {
    command.option('--merge <part...>', "all parts that 'evaluate --shard' wrote, in any order: 'parts/*'");
  }
  return finished(withDatasetOptions(command, 'detection')).action((given: object) => scoreDetections(metric, given));
}

async function scoreDetections(metric: Extract<AnyMetric, { task: 'detection' }>, given: object): Promise<void> {
  const { predictions, merge: files = [], json, quiet, strict, ...places } = detectionSchema.parse(given);
  const { missingArea = 'error', negativeSizes } = metric;
  await checkJsonTarget(json);
  if ((predictions === undefined) === (files.length === 0)) {
    const received = predictions === undefined ? 'neither' : 'both';
    const expected = '--predictions or --merge';
    throw new LowformerError({ code: 'invalid-argument', where: `score ${metric.type}`, expected, received });
  }
  const { openAnnotations } = await import('../../scoring/open_detection.js');
  const { readCocoResults } = await import('../../data/coco_results.js');
  const { placeResults } = await import('../../scoring/results_by_picture.js');
  const { scoreResults } = await import('../../scoring/metrics/score_results.js');
  const notes = collectNotes();
  const annotations = await openAnnotations({ ...places, ...formatOptions(given), missingArea, notes });
  const reading = { notes, ...(negativeSizes === undefined ? {} : { negativeSizes }) };
  const results =
    predictions === undefined
      ? await (await import('../../runs/parts.js')).readParts(files, annotations)
      : [await readCocoResults(predictions, reading)];
  const placed = results.map((file) => placeResults(annotations, file, notes));
  const log = createConsole(quiet);
  const report = await scoreResults(metric, annotations, placed, metricOptions(metric, given), notes);
  tellNotes(notes, { strict, log });
  for (const warning of report.warnings) log.warn(warning);
  await writeReport(report, { json, log, notes });
}

function segmentationCommand(metric: Extract<AnyMetric, { task: 'segmentation' }>): Command {
  const command = new Command(metric.type)
    .description(metric.description)
    .requiredOption('--labels <dir>', 'ground truth: NAME.png, grey or palette, pixel = class')
    .requiredOption('--predictions <dir>', 'predictions: PNGs of the same names, pixel = class index')
    .addOption(new Option('--num-classes <n>', 'classes that there are').argParser(positiveInteger))
    .option('--classes <names>', "their names: a,b, a file with a name a line, a config's, or ade20k's")
    .option('--list <file>', 'the pictures that count, a name a line');
  const all = withStrict(withPredictedLabelOptions(withLabelOptions(withMetricOptions(command, [metric]))));
  return finished(all).action((given: object) => scoreLabelMaps(metric, given));
}

async function scoreLabelMaps(metric: Extract<AnyMetric, { task: 'segmentation' }>, given: object): Promise<void> {
  const { labels, predictions, json, quiet, strict, ...options } = segmentationSchema.parse(given);
  await checkJsonTarget(json);
  const { eachLabelPair } = await import('../../scoring/label_score.js');
  const { labelClasses, labelReader } = await import('../../scoring/label_pairs.js');
  const { openMetric } = await import('../../scoring/metrics/opened_metric.js');
  const log = createConsole(quiet);
  const notes = collectNotes();
  let progress: Progress | undefined;
  try {
    const steps = {
      started: (pictures: number) => {
        if (process.stderr.isTTY) progress = log.progress(pictures, 'pictures');
      },
      done(id: string) {
        interruption.signal.throwIfAborted();
        progress?.done(id);
      },
    };
    const reader = await labelReader(options);
    const { names: classes, numClasses } = await labelClasses(options, reader.colors);
    const { ignoreIndex, reduceZeroLabel } = options;
    const truth = { name: labels, classes, numClasses, ignoreIndex, reduceZeroLabel };
    const total = await openMetric(metric, truth, metricOptions(metric, given), notes);
    await listening(() => eachLabelPair({ labels, predictions }, reader, steps, total.add));
    progress?.stop();
    const report = await total.report();
    tellNotes(notes, { strict, log });
    for (const warning of report.warnings) log.warn(warning);
    await writeReport(report, { json, log, notes });
  } finally {
    progress?.stop();
  }
}

function finished(command: Command): Command {
  return withIdleOptions(
    command
      .option('--json <file>', 'write the result as JSON, to stdout for -')
      .option('--quiet', 'say nothing but errors'),
  );
}
