import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import type { Progress } from '../../core/log.js';
import { collectNotes } from '../../core/notes.js';
import { interruption, listening } from '../../files/interruption.js';
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
import { maxDetectionsOption, maxDetectionsSchema } from '../max_detections.js';
import { writeReport } from '../write_report.js';

const outputSchema = z.object({
  json: z.string().optional(),
  quiet: z.boolean().default(false),
});
const cocoSchema = outputSchema.extend({
  maxDets: maxDetectionsSchema,
  ...datasetOptionsSchema.shape,
  annotations: z.string(),
  images: z.string().optional(),
  predictions: z.string().optional(),
  merge: z.array(z.string()).optional(),
});
const vocSchema = outputSchema.extend({
  ...datasetOptionsSchema.shape,
  annotations: z.string(),
  images: z.string().optional(),
  predictions: z.string(),
  iou: z.number(),
  mode: z.enum(['area', '11points']),
  legacyCoordinates: z.boolean().default(false),
});
const miouSchema = outputSchema.extend({
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
 * `lowformer score coco|voc|miou`: figures of results files, without a model. What a verb calculates with is read from
 * the disk when it is called.
 */
export function scoreCommand(): Command {
  return new Command('score')
    .description('figures of results files, without a model')
    .addCommand(cocoCommand())
    .addCommand(vocCommand())
    .addCommand(miouCommand());
}

const TRUTH =
  "ground truth: COCO's JSON, a folder of Pascal VOC's XML or a list of ImageSets/Main, YOLO labels or data.yaml";

const IMAGES = 'the pictures, which YOLO labels are shares of';

function cocoCommand(): Command {
  const command = new Command('coco')
    .description('COCO AP of detections, as pycocotools')
    .requiredOption('--annotations <path>', TRUTH)
    .option('--images <dir>', IMAGES)
    .option('--predictions <file>', "detections in COCO's results format")
    .addOption(maxDetectionsOption())
    .option('--merge <part...>', "all parts that 'evaluate --shard' wrote, in any order: 'parts/*'");
  return finished(withDatasetOptions(command, 'detection')).action(async (given: unknown) => {
    const { predictions, merge, json, quiet, strict, maxDets, ...places } = cocoSchema.parse(given);
    await checkJsonTarget(json);
    const files = merge ?? [];
    if ((predictions === undefined) === (files.length === 0)) {
      const received = predictions === undefined ? 'neither' : 'both';
      const expected = '--predictions or --merge';
      throw new LowformerError({ code: 'invalid-argument', where: 'score coco', expected, received });
    }
    const { openAnnotations } = await import('../../scoring/open_detection.js');
    const { readCocoResults } = await import('../../data/coco_results.js');
    const { placeResults } = await import('../../scoring/results_by_picture.js');
    const { cocoReport, scoreCoco } = await import('../../scoring/coco_score.js');
    const notes = collectNotes();
    const annotations = await openAnnotations({ ...places, ...formatOptions(given), missingArea: 'error', notes });
    const results =
      predictions === undefined
        ? await (await import('../../runs/parts.js')).readParts(files, annotations)
        : [await readCocoResults(predictions, { notes })];
    const placed = results.map((file) => placeResults(annotations, file, notes));
    const log = createConsole(quiet);
    const summary = scoreCoco(annotations, placed, notes, maxDets);
    tellNotes(notes, { strict, log });
    await writeReport(cocoReport(summary, maxDets), { json, log, notes });
  });
}

function vocCommand(): Command {
  const command = new Command('voc')
    .description("Pascal VOC's mAP of detections, as mmdet's eval_map")
    .requiredOption('--annotations <path>', `${TRUTH}; \`difficult\` or \`ignore\` on COCO's annotations count`)
    .option('--images <dir>', IMAGES)
    .requiredOption('--predictions <file>', "detections in COCO's results format");
  return finished(withDatasetOptions(withVocOptions(command), 'detection')).action(async (given: unknown) => {
    const { predictions, json, quiet, strict, iou, mode, legacyCoordinates, ...places } = vocSchema.parse(given);
    await checkJsonTarget(json);
    const { openAnnotations } = await import('../../scoring/open_detection.js');
    const { readCocoResults } = await import('../../data/coco_results.js');
    const { placeResults, resultsByPicture } = await import('../../scoring/results_by_picture.js');
    const { scoreVoc, vocNotes, vocReport } = await import('../../scoring/voc_score.js');
    const notes = collectNotes();
    const annotations = await openAnnotations({ ...places, ...formatOptions(given), missingArea: 'box', notes });
    // mmdet's metric takes boxes of negative size in; they match nothing, and a warning counts them.
    const results = await readCocoResults(predictions, { negativeSizes: 'keep', notes });
    const detectionsOf = resultsByPicture(annotations, [placeResults(annotations, results, notes)]);
    const log = createConsole(quiet);
    tellNotes(notes, { strict, log });
    const result = scoreVoc(annotations, detectionsOf, { iou, mode, legacyCoordinates });
    for (const note of vocNotes(result)) log.warn(note);
    await writeReport(vocReport(annotations, result), { json, log, notes });
  });
}

function miouCommand(): Command {
  const command = new Command('miou')
    .description("mIoU of label PNGs, as mmseg's IoUMetric")
    .requiredOption('--labels <dir>', 'ground truth: NAME.png, grey or palette, pixel = class')
    .requiredOption('--predictions <dir>', 'predictions: PNGs of the same names, pixel = class index')
    .addOption(new Option('--num-classes <n>', 'classes that there are').argParser(positiveInteger))
    .option('--classes <names>', "their names: a,b, a file with a name a line, a config's, or ade20k's")
    .option('--list <file>', 'the pictures that count, a name a line');
  return finished(withStrict(withPredictedLabelOptions(withLabelOptions(command)))).action(async (given: unknown) => {
    const { labels, predictions, json, quiet, strict, ...options } = miouSchema.parse(given);
    await checkJsonTarget(json);
    const { labelReport, scoreLabels } = await import('../../scoring/label_score.js');
    const { labelClasses, labelReader } = await import('../../scoring/label_pairs.js');
    const { noteDoubts } = await import('../../scoring/label_notes.js');
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
      const { names, numClasses } = await labelClasses(options, reader.colors);
      const settings = { ...options, numClasses };
      const { result, counts } = await listening(() => scoreLabels({ labels, predictions }, reader, settings, steps));
      progress?.stop();
      noteDoubts(labels, counts, notes);
      tellNotes(notes, { strict, log });
      await writeReport(labelReport(result, names), { json, log, notes });
    } finally {
      progress?.stop();
    }
  });
}

function finished(command: Command): Command {
  return withIdleOptions(
    command
      .option('--json <file>', 'write the result as JSON, to stdout for -')
      .option('--quiet', 'say nothing but errors'),
  );
}

/** How Pascal VOC's mAP is taken. */
export function withVocOptions(command: Command): Command {
  return command
    .addOption(new Option('--iou <p>', 'overlap from which a detection is right').default(0.5).argParser(overlap))
    .option('--legacy-coordinates', "widths as x2 - x1 + 1: Pascal VOC's own toolkit, and published figures")
    .addOption(
      new Option('--mode <name>', 'area under the curve, or 11 points').choices(['area', '11points']).default('area'),
    );
}

function overlap(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 1)) throw new InvalidArgumentError('Expected above 0, at most 1.');
  return value;
}
