import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { counted, type ThumbnailLook } from '../../analysis/browsing/annotated_thumbnail.js';
import { type OpenedDataset, openForBrowsing } from '../../analysis/browsing/open_dataset.js';
import { samplePictures } from '../../analysis/browsing/sample.js';
import { headingOf, legendOf, recordOf, type ShownPicture } from '../../analysis/browsing/sheet_text.js';
import { openPredictions } from '../../analysis/browsing/shown_predictions.js';
import { pictureName, type Survey, surveyDataset } from '../../analysis/browsing/survey.js';
import { LowformerError, nearestName } from '../../core/errors.js';
import type { Log } from '../../core/log.js';
import { collectNotes } from '../../core/notes.js';
import { checkWritable } from '../../files/atomic_write.js';
import { listening } from '../../files/interruption.js';
import { tellNotes, withNotes } from '../../scoring/report.js';
import { outsideOption, positiveInteger, probability, wholeNumber, withIdleOptions } from '../common_options.js';
import { createConsole } from '../console.js';
import { datasetOptionsSchema, formatOptions, withDatasetOptions } from '../dataset_options.js';
import { checkJsonTarget, writeJson } from '../json_output.js';
import { labelOptionsSchema, withImageSuffix, withLabelOptions } from '../label_options.js';
import { tellUndrawable } from '../undrawable_names.js';

const optionsSchema = z.object({
  ...datasetOptionsSchema.shape,
  images: z.string(),
  annotations: z.string().optional(),
  out: z.string(),
  count: z.number(),
  columns: z.number().optional(),
  tile: z.number(),
  class: z.array(z.string()).default([]),
  predictions: z.string().optional(),
  scoreThr: z.number(),
  seed: z.number(),
  ...labelOptionsSchema.shape,
  imageSuffix: z.string().optional(),
  allowOutside: z.boolean().default(false),
  json: z.string().optional(),
  quiet: z.boolean().default(false),
});
type Options = z.output<typeof optionsSchema>;

/** A sheet of more would be no sheet, and of a gigabyte. */
const MOST_PICTURES = 1000;
/** Of all tiles together: half a gigabyte. */
const MOST_PIXELS = 1.6e8;
/** Of mistakes that are told one by one. */
const MOST_TOLD = 20;

/** `lowformer browse --images DIR --annotations PATH --out sheet.png`: annotations over a sample of a dataset. */
export function browseCommand(signal: AbortSignal): Command {
  const command = new Command('browse')
    .requiredOption('--images <dir>', 'the folder of pictures')
    .addOption(outsideOption())
    .option('--annotations <path>', 'as evaluate takes them: COCO JSON, VOC XML, YOLO, label PNGs')
    .requiredOption('--out <file>', 'the sheet: .png or .jpg')
    .addOption(new Option('--count <n>', 'pictures on the sheet').default(24).argParser(sheetCount))
    .addOption(
      new Option('--columns <n>', 'pictures beside one another; 6, or 3 with --predictions').argParser(positiveInteger),
    )
    .addOption(new Option('--tile <pixels>', "longer side of a picture's tile").default(320).argParser(tileSize))
    .option('--class <name...>', 'pictures that show one of these classes, without boxes of others')
    .option(
      '--predictions <path>',
      "to the right of each: detections in COCO's results format, or a folder of label PNGs",
    )
    .addOption(new Option('--score-thr <p>', 'least score of predictions').default(0.3).argParser(probability))
    .addOption(new Option('--seed <n>', 'another one, other pictures').default(0).argParser(wholeNumber));
  return withIdleOptions(
    withDatasetOptions(withImageSuffix(withLabelOptions(command)))
      .option('--json <file>', 'write what is on the sheet as JSON, to stdout for -')
      .option('--quiet', 'say nothing but errors'),
  ).action(async (given: unknown) => {
    await browse({ ...optionsSchema.parse(given), ...formatOptions(given) }, signal);
  });
}

/** @throws {LowformerError} for what keeps the sheet from being made; after it is written, for bad pictures. */
async function browse(options: Options, signal: AbortSignal): Promise<void> {
  const { images, out, count, seed, json, quiet, tile, predictions } = options;
  const columns = options.columns ?? (predictions === undefined ? 6 : 3);
  const log = createConsole(quiet);
  const notes = collectNotes();
  checkEnding(out);
  await checkWritable(out);
  await checkJsonTarget(json);
  const opened = await openForBrowsing({ ...options, notes });
  const { dataset } = opened;
  const shownPredictions =
    predictions === undefined ? undefined : await openPredictions(predictions, dataset, options.scoreThr, notes);
  tellNotes(notes, { strict: options.strict, log });
  if (dataset.samples.length === 0) {
    throw new LowformerError({ code: 'invalid-argument', where: dataset.name, expected: 'a dataset with pictures' });
  }
  log.say(`${dataset.name}: read as ${opened.format}, ${counted(dataset.samples.length, 'picture', 'pictures')}`);
  const survey = await listening(() => surveyed(opened, log, signal));
  const only = classFilter(options.class, survey);
  const readable = survey.counts.flatMap((own, position) => {
    if (own === undefined) return [];
    const shows = [...own.keys()].filter((index) => only === undefined || only.has(index));
    return only !== undefined && shows.length === 0 ? [] : [{ classes: shows, position }];
  });
  if (readable.length === 0 && only !== undefined) {
    const expected = `a class that one of the ${dataset.samples.length} pictures shows`;
    throw new LowformerError({
      code: 'invalid-argument',
      where: '--class',
      expected,
      received: options.class.join(', '),
    });
  }
  checkSheetSize(Math.min(count, readable.length), tile, predictions !== undefined);
  const look = { side: tile, palette: opened.palette, only, predictions: shownPredictions };
  const chosen = samplePictures(
    readable.map(({ classes: shows }) => shows),
    count,
    seed,
  );
  const sample = chosen.flatMap((i) => readable[i]?.position ?? []);
  await tellUndrawable(
    survey.classes.map(({ name }) => name),
    log.say,
  );
  const { shown, contradictions, unreadable } = await listening(() =>
    drawThumbnails(dataset, look, sample, images, log, signal),
  );
  const bad = [...survey.bad, ...unreadable];
  if (shown.length > 0) {
    const { drawContactSheet } = await import('../../drawing/contact_sheet.js');
    const { writeImage } = await import('../../drawing/write_png.js');
    const heading = headingOf(opened, survey, shown.length, { only: options.class, predictions });
    const legend = await legendOf(opened, survey);
    const pictures = shown.map(({ sheet }) => sheet);
    const drawn = await drawContactSheet({ heading, pictures, columns, legend });
    signal.throwIfAborted();
    await writeImage(out, drawn);
    log.say(`${counted(shown.length, 'picture is', 'pictures are')} in ${out}`);
    if (json !== undefined) await writeJson(json, withNotes(recordOf(opened, survey, shown, bad, options), notes));
  }
  if (bad.length + contradictions.length > 0) throw mistakes(dataset.name, shown.length, bad, contradictions);
}

/** Indices of the named classes; undefined for all. @throws {LowformerError} for a name that the dataset lacks. */
function classFilter(names: readonly string[], { classes }: Survey): ReadonlySet<number> | undefined {
  if (names.length === 0) return undefined;
  const known = classes.map(({ name }) => name);
  return new Set(
    names.map((name) => {
      const index = known.indexOf(name);
      if (index >= 0) return index;
      const nearest = nearestName(name, known);
      const some = known.slice(0, 10).join(', ');
      const expected = `one of the ${known.length} classes (${some}${known.length > 10 ? ', …' : ''})`;
      const hint = nearest === undefined ? undefined : `Did you mean '${nearest}'?`;
      const parts = { code: 'invalid-argument', where: '--class', expected, received: name } as const;
      throw new LowformerError(hint === undefined ? parts : { ...parts, hint });
    }),
  );
}

/** @throws {LowformerError} where the sheet would need gigabytes. */
function checkSheetSize(pictures: number, tile: number, twice: boolean): void {
  const pixels = pictures * tile * tile * (twice ? 2 : 1);
  if (pixels <= MOST_PIXELS) return;
  const most = Math.floor(Math.sqrt(MOST_PIXELS / (pictures * (twice ? 2 : 1))));
  const expected = `at most ${most} pixels for ${pictures} pictures`;
  const hint = 'Fewer with --count, or smaller ones.';
  throw new LowformerError({ code: 'invalid-argument', where: '--tile', expected, received: tile, hint });
}

async function surveyed({ dataset }: OpenedDataset, log: Log, signal: AbortSignal): Promise<Survey> {
  // Label maps alone take their time; without a terminal, a line for each would bury the rest.
  const lasting = dataset.kind === 'segmentation' && process.stderr.isTTY;
  const progress = log.progress(lasting ? dataset.samples.length : 0, 'label maps');
  try {
    return await surveyDataset(dataset, (line) => {
      signal.throwIfAborted();
      progress.done(line);
    });
  } finally {
    progress.stop();
  }
}

async function drawThumbnails(
  dataset: OpenedDataset['dataset'],
  look: ThumbnailLook,
  sample: readonly number[],
  images: string,
  log: Log,
  signal: AbortSignal,
) {
  const { annotatedThumbnail } = await import('../../analysis/browsing/annotated_thumbnail.js');
  const shown: ShownPicture[] = [];
  const contradictions: LowformerError[] = [];
  const unreadable: LowformerError[] = [];
  const progress = log.progress(sample.length, 'pictures');
  try {
    for (const position of sample) {
      signal.throwIfAborted();
      const file = pictureName(resolve(images), dataset.samples[position]?.file ?? '');
      try {
        const thumbnail = await annotatedThumbnail(dataset, position, look);
        if (thumbnail === undefined) continue;
        const { image, note, width, height, contradiction } = thumbnail;
        if (contradiction !== undefined) contradictions.push(contradiction);
        const sheet = { image, title: file, note, warning: contradiction !== undefined };
        shown.push({ position, file, width, height, sheet });
        progress.done(`${file}: ${note}`);
      } catch (error) {
        if (!(error instanceof LowformerError) || error.code === 'missing-package') throw error;
        unreadable.push(error);
        progress.done(`${file}: cannot be drawn`);
      }
    }
  } finally {
    progress.stop();
  }
  return { shown, contradictions, unreadable };
}

function mistakes(
  where: string,
  shown: number,
  bad: readonly LowformerError[],
  contradictions: readonly LowformerError[],
): LowformerError {
  const [only] = [...bad, ...contradictions];
  if (only !== undefined && shown === 0 && bad.length === 1) return only;
  const told = [
    ...list('What cannot be drawn', bad),
    ...list('Drawn, but of another size than annotated', contradictions),
  ];
  const others = shown === 0 ? 'Nothing was written.' : `The sheet shows ${counted(shown, 'picture', 'pictures')}.`;
  return new LowformerError({
    code: 'unreadable-image',
    where,
    expected: 'pictures and annotations that fit together',
    hint: [others, ...told].join(' '),
  });
}

function list(title: string, errors: readonly LowformerError[]): readonly string[] {
  if (errors.length === 0) return [];
  const lines = errors.slice(0, MOST_TOLD).map(({ message }) => `\n  ${message}`);
  const more = errors.length > MOST_TOLD ? `\n  and ${errors.length - MOST_TOLD} more` : '';
  return [`${title}:${lines.join('')}${more}`];
}

/** @throws {LowformerError} `unwritable-file`: known before the work is done. */
function checkEnding(out: string): void {
  if (/\.(png|jpe?g)$/i.test(out)) return;
  const expected = 'a file name that ends in .png or .jpg';
  throw new LowformerError({ code: 'unwritable-file', where: '--out', expected, received: out });
}

/** For commander. */
function sheetCount(text: string): number {
  const count = positiveInteger(text);
  if (count <= MOST_PICTURES) return count;
  throw new InvalidArgumentError(`Expected at most ${MOST_PICTURES}.`);
}

/** For commander. */
function tileSize(text: string): number {
  const pixels = positiveInteger(text);
  if (pixels >= 64 && pixels <= 4096) return pixels;
  throw new InvalidArgumentError('Expected a whole number from 64 to 4096.');
}
