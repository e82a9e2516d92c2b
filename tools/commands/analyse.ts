import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { type AnalysisReport, analyseDetections } from '../../analysis/detection/analyse.js';
import { pictureFinder } from '../../analysis/find_picture.js';
import { analyseSegmentations } from '../../analysis/segmentation/analyse.js';
import { LowformerError } from '../../core/errors.js';
import { checkWritable, writeWhole } from '../../files/atomic_write.js';
import { labelClasses, labelReader } from '../../scoring/label_pairs.js';
import { outsideOption, positiveInteger, probability, withIdleOptions } from '../common_options.js';
import { createConsole } from '../console.js';
import { datasetOptionsSchema, formatOptions, withDatasetOptions } from '../dataset_options.js';
import { checkJsonTarget, writeJson } from '../json_output.js';
import {
  labelOptionsSchema,
  predictedLabelsSchema,
  withLabelOptions,
  withPredictedLabelOptions,
} from '../label_options.js';

const schema = z.object({
  ...datasetOptionsSchema.shape,
  annotations: z.string().optional(),
  labels: z.string().optional(),
  predictions: z.string(),
  against: z.string().optional(),
  images: z.string().optional(),
  out: z.string(),
  json: z.string().optional(),
  quiet: z.boolean().default(false),
  scoreThr: z.number(),
  worst: z.number(),
  numClasses: z.number().optional(),
  ...labelOptionsSchema.shape,
  ...predictedLabelsSchema.shape,
  allowOutside: z.boolean().default(false),
});
type Options = z.output<typeof schema>;

/** `lowformer analyse`: why a score is what it is, as one HTML file and as JSON. */
export function analyseCommand(): Command {
  const command = new Command('analyse')
    .option('--annotations <path>', 'ground truth of a detector: COCO JSON, VOC XML or one of its lists, YOLO')
    .option('--labels <dir>', 'ground truth of a segmenter: NAME.png, grey or palette, pixel = class')
    .requiredOption('--predictions <path>', "detections in COCO's results format, or a folder of label PNGs")
    .option('--against <path>', "another run's predictions of the same pictures: what got better and worse")
    .option('--images <dir>', 'the pictures, to show the worst of them')
    .addOption(outsideOption())
    .requiredOption('--out <file>', 'the report: NAME.html')
    .addOption(
      new Option('--score-thr <p>', 'score of detections in the confusion matrix and the pictures')
        .default(0.3)
        .argParser(probability),
    )
    .addOption(new Option('--worst <n>', 'pictures to show').default(12).argParser(pictureCount))
    .addOption(new Option('--num-classes <n>', 'classes of a segmenter').argParser(positiveInteger))
    .option('--json <file>', 'write the numbers as JSON, to stdout for -')
    .option('--quiet', 'say nothing but errors');
  return withIdleOptions(
    withDatasetOptions(withPredictedLabelOptions(withLabelOptions(command)), 'detection', 'segmentation'),
  ).action(async (given: unknown) => {
    const options = { ...schema.parse(given), ...formatOptions(given) };
    const { out, json, quiet } = options;
    await checkWritable(out);
    await checkJsonTarget(json);
    const log = createConsole(quiet);
    const { html, record, headline, warnings } = await analyse(options);
    for (const warning of warnings) log.warn(warning);
    await writeWhole(out, async (file) => void (await file.writeFile(html)));
    if (json !== undefined) await writeJson(json, record);
    log.say(`${headline}; ${out}`);
  });
}

async function analyse(options: Options): Promise<AnalysisReport> {
  const { annotations, labels, predictions, against, worst } = options;
  if (annotations !== undefined && labels === undefined) {
    const find = await pictureFinder(options.images, options);
    return analyseDetections(
      {
        truth: { ...options, missingArea: 'error' },
        predictions,
        against,
        scoreThreshold: options.scoreThr,
        worst,
        strict: options.strict,
      },
      find,
    );
  }
  if (labels === undefined || annotations !== undefined) {
    const received = labels === undefined ? 'neither' : 'both';
    throw mistake('analyse', '--annotations (of a detector) or --labels (of a segmenter)', received);
  }
  const find = await pictureFinder(options.images, options);
  const reader = await labelReader(options);
  const { names, numClasses } = await labelClasses(options, reader.colors);
  const { ignoreIndex, reduceZeroLabel, strict } = options;
  const counted = { numClasses, ignoreIndex, reduceZeroLabel };
  const settings = { ...counted, labels, predictions, against, names, worst, reader, strict };
  return analyseSegmentations(settings, find);
}

function mistake(where: string, expected: string, received?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected } as const;
  return new LowformerError(received === undefined ? parts : { ...parts, received });
}

function pictureCount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > 200) {
    throw new InvalidArgumentError('Expected a whole number from 0 to 200.');
  }
  return value;
}
