import { join } from 'node:path';
import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import type { Log } from '../core/log.js';
import { collectNotes, noteText } from '../core/notes.js';
import type { Result } from '../core/results.js';
import { handful } from '../data/files.js';
import type { ExchangeFormat } from '../exchange/define.js';
import type { MarkedObject } from '../exchange/marked.js';
import { listening } from '../files/interruption.js';
import { checkFolder } from '../files/output_folder.js';
import { reducePicture } from '../images/reduced_picture.js';
import type { LoadedModel, LoadOptions } from '../models/load_model.js';
import { withNotes } from '../models/result_records.js';
import { sessionsFor } from '../models/sessions_for.js';
import type { SliceOptions } from '../models/slices.js';
import type { FileOutcome, PictureRunner } from '../runs/picture_runner.js';
import type { LabelRows } from '../tasks/parted_predictor.js';
import { type ClipOptions, clipAmong } from './clip_options.js';
import { createConsole } from './console.js';
import { checkExchangePlaces, exchangeFormat, exchangeOutput } from './exchange_output.js';
import type { FrameSequence } from './frame_sequence.js';
import { heldLabelMaps } from './held_label_maps.js';
import { expandImages } from './image_arguments.js';
import { checkJsonTarget, isRecordFormat, recordWriter } from './json_output.js';
import { loadOptions, type OpeningOptions } from './load_options.js';
import { outputNames } from './output_names.js';
import { refuseWorkerOptions } from './queue_option.js';
import { tellUndrawable } from './undrawable_names.js';

/** Pixels of what is drawn of a picture that is too large to be held. */
export const DRAWN_PIXELS = 16_000_000;

/** What a command makes of each picture. */
export interface PictureRun<R extends Result> {
  readonly task: R['kind'];
  readonly load: (config: string, options: LoadOptions) => Promise<LoadedModel<R>>;
  /** One entry of the JSON. */
  readonly record: (file: string, result: R) => object;
  /** Where the pictures are frames of one sequence: what becomes of each result before anything is made of it. */
  readonly sequence?: FrameSequence<R> | undefined;
  /** A few words for the line of progress. */
  readonly summary: (result: R) => string;
  /** What other tools' formats are written of; absent where none has a form for it. */
  readonly marked?: (result: R, format: ExchangeFormat) => readonly MarkedObject[];
  /** A frame as `--out` of a clip shows it; absent where nothing is drawn. */
  readonly paint?: (image: RgbImage, result: R, model: LoadedModel<R>) => Promise<RgbImage>;
  readonly drawing?: {
    /** Of the files that `draw` writes. */
    readonly endings: readonly string[];
    /** Writes pictures under `base`, a path without ending. @param image smaller than the result, where the picture is too large to be held. */
    readonly draw: (base: string, image: RgbImage, result: R, model: LoadedModel<R>) => Promise<void>;
    /** What is done with label maps of pictures that are too large to be held. @param baseOf a picture's `base`. */
    readonly rows?: (baseOf: (picture: string) => string, model: LoadedModel<R>) => LargeResults<R>;
    /** In the place of `draw`, where the picture and its result have been made smaller. */
    readonly drawSmaller?: (base: string, image: RgbImage, result: R, model: LoadedModel<R>) => Promise<void>;
  };
}

/** Results of pictures that are too large to be held. Disposing of it leaves nothing of those that are not finished. */
export interface LargeResults<R extends Result> extends AsyncDisposable {
  onLabels(rows: LabelRows): Promise<void>;
  /** @returns the result to be drawn. */
  finish(picture: string, result: R): Promise<R>;
}

export interface PictureOptions extends OpeningOptions {
  readonly batchSize: number;
  /** Leaves the pictures to the workers there. */
  readonly queue?: string | undefined;
  readonly out?: string | undefined;
  /** Windows over each picture. */
  readonly slices?: SliceOptions | undefined;
  /** Larger pictures are refused. */
  readonly maxPixels?: number | undefined;
  /** Of what goes to `json`, or to the folder `labels`: see exchange_output. */
  readonly format: string;
  readonly labels?: string | undefined;
  readonly copyImages?: boolean | undefined;
  /** Gives up: what is done stays, no JSON is written. */
  readonly signal: AbortSignal;
}

/** As the command line gives them: the format is another where frames are run. */
export type GivenOptions = Omit<PictureOptions, 'format'> & ClipOptions & { readonly format?: string | undefined };

/**
 * Runs a model over pictures: all that can be read are done and written, then the bad ones are named. A clip, a stream or a
 * camera in their place is run frame by frame.
 * Without `--json` and `--out` the JSON goes to stdout. Whether results can be written is tried first.
 * @throws {LowformerError} `unreadable-image` after the rest is done, when pictures could not be read; the signal's
 *   reason when aborted.
 */
export function runPictures<R extends Result>(
  config: string,
  images: readonly string[],
  options: GivenOptions,
  run: PictureRun<R>,
): Promise<void> {
  return listening(async () => {
    const clip = clipAmong(images, options);
    if (clip === undefined) return runAll(config, images, { ...options, format: options.format ?? 'json' }, run);
    const { runClip } = await import('./clip_run.js');
    return runClip(config, clip, options, run);
  });
}

async function runAll<R extends Result>(
  config: string,
  images: readonly string[],
  options: PictureOptions,
  run: PictureRun<R>,
): Promise<void> {
  const log = createConsole(options.quiet);
  const { sequence } = run;
  const { files: given, bad: absent, passedOver } = await expandImages(images);
  const files = sequence?.order(given) ?? given;
  if (passedOver.length > 0) {
    log.say(`passed over, in formats that are not read: ${passedOver.length} (${handful(passedOver)})`);
  }
  const { out, signal } = options;
  const format = exchangeFormat(options, run.task === 'segmentation' ? 'label maps' : 'boxes');
  const target = options.json ?? (out === undefined && options.labels === undefined ? '-' : undefined);
  checkTarget(target ?? options.labels, options.format);
  const names = out === undefined ? new Map<string, string>() : outputNames(files, out, run.drawing?.endings ?? []);
  if (out !== undefined) await checkFolder(out);
  await checkJsonTarget(target);
  const places = { target: target ?? '-', labels: options.labels, copyImages: options.copyImages === true, files };
  if (format !== undefined) await checkExchangePlaces(format, places);
  const load = loadOptions(options, log);
  // Windows are many.
  const runsExpected = options.slices === undefined ? files.length : Number.POSITIVE_INFINITY;
  await using workers = await workersOf<R>(config, options, { load, log, task: run.task });
  await using model =
    workers === undefined ? await run.load(config, { ...load, sessions: sessionsFor(runsExpected, load) }) : undefined;

  if (out !== undefined && run.drawing !== undefined && model !== undefined)
    await tellUndrawable(model.classes, log.say);
  await using exchanged =
    format === undefined || model === undefined ? undefined : exchangeOutput(format, places, model);
  await using records =
    target === undefined || !isRecordFormat(options.format) ? undefined : recordWriter(target, options.format);
  let done = 0;
  let drawnSmaller = 0;
  const bad: LowformerError[] = [...absent];
  const notes = collectNotes();
  const progress = log.progress(files.length, 'pictures', 'each');
  const { batchSize, maxPixels, slices, tta } = options;
  const baseOf = (source: string) => join(out ?? '', names.get(source) ?? source);
  // Several looks at a picture are of all of it: what is not held is refused.
  const whole = tta === true;
  await using large =
    out === undefined || model === undefined || whole ? undefined : run.drawing?.rows?.(baseOf, model);
  // Without --out a label map that is not held is counted alone.
  const counted = run.task === 'segmentation' && !whole ? () => {} : undefined;
  // Outlines and runs are of all of a map.
  const held = counted === undefined || format === undefined ? undefined : heldLabelMaps(format.type);
  const kept =
    large === undefined && held === undefined
      ? undefined
      : async (rows: LabelRows) => {
          held?.onLabels(rows);
          await large?.onLabels(rows);
        };
  const onLabels = kept ?? counted;
  const how = {
    batchSize,
    signal,
    ...(maxPixels === undefined ? {} : { maxPixels }),
    ...(slices === undefined ? {} : { slices }),
    ...(onLabels === undefined ? {} : { onLabels }),
  };
  const outcomes: AsyncIterable<FileOutcome<R> & { readonly image?: RgbImage }> | readonly never[] =
    model?.predictMany(files, how) ?? workers?.run(files, how) ?? [];
  try {
    for await (const outcome of outcomes) {
      signal.throwIfAborted();
      const { source } = outcome;
      const labels = held?.take(source);
      if (!outcome.ok) {
        bad.push(outcome.error);
        progress.done(`${source}: cannot be used`);
        continue;
      }
      done++;
      const result = (await sequence?.follow(outcome.result, outcome.index + 1)) ?? outcome.result;
      await records?.add(withNotes(run.record(source, result), outcome.notes));
      if (exchanged !== undefined && format !== undefined)
        await exchanged.add(
          source,
          result,
          run.marked?.(labels === undefined ? result : { ...result, labels }, format) ?? [],
        );
      for (const { where, ...note } of outcome.notes) notes.add({ ...note, where: 'pictures' }, where);
      if (out !== undefined && run.drawing !== undefined && model !== undefined) {
        const { draw, drawSmaller = draw } = run.drawing;
        if (outcome.image === undefined) {
          const whole = (await large?.finish(source, result)) ?? result;
          await drawSmaller(baseOf(source), await reducePicture(source, DRAWN_PIXELS), whole, model);
          drawnSmaller++;
        } else await draw(baseOf(source), outcome.image, result, model);
      }
      progress.done(`${source}: ${run.summary(result)}${workers?.said?.() ?? ''}`);
      // Nobody reads what is still to come.
      if (out === undefined && sequence?.writes !== true && (records ?? exchanged)?.wanted === false) return;
    }
  } finally {
    progress.stop();
  }
  signal.throwIfAborted();
  await records?.finish();
  await exchanged?.finish(log);
  for (const line of (await sequence?.finish()) ?? []) log.say(line);
  if (out !== undefined && done > 0) log.say(`pictures are in ${out}`);
  if (drawnSmaller > 0) log.say(`drawn smaller, to ${DRAWN_PIXELS / 1e6} megapixels, for their size: ${drawnSmaller}`);
  for (const note of notes.list()) log.say(noteText(note));
  if (bad.length > 0) throw unreadable(bad, done);
}

/** undefined without `--queue`. @throws {LowformerError} for options that workers cannot follow. */
async function workersOf<R extends Result>(
  config: string,
  { queue, out, batchSize, threads, sessions, cache, engine, maxPixels }: PictureOptions,
  { load, log, task }: { readonly load: LoadOptions; readonly log: Log; readonly task: R['kind'] },
): Promise<PictureRunner<R> | undefined> {
  if (queue === undefined) return undefined;
  refuseWorkerOptions({ threads, sessions, cache, engine, maxPixels });
  if (out !== undefined) {
    const hint = 'Workers send back what they found, no pictures: keep it with --json, and draw without --queue.';
    throw new LowformerError({
      code: 'invalid-argument',
      where: '--out',
      expected: 'none beside --queue',
      received: out,
      hint,
    });
  }
  const { queuePictures } = await import('./queue_pictures.js');
  return queuePictures<R>(config, { queue, task, load, batchSize, log });
}

/** @throws {LowformerError} `invalid-argument` for a format of nothing. */
function checkTarget(target: string | undefined, format: string): void {
  if (target !== undefined || format === 'json') return;
  const expected = '--json FILE, or no --out: then the records go to stdout,';
  throw new LowformerError({ code: 'invalid-argument', where: '--format', expected, received: format });
}

function unreadable(bad: readonly LowformerError[], done: number): LowformerError {
  const [only] = bad;
  if (only !== undefined && bad.length === 1 && done === 0) return only;
  const others = done === 0 ? 'None is done' : done === 1 ? 'That one is done' : 'Those are done';
  return new LowformerError({
    code: 'unreadable-image',
    where: 'IMAGE',
    expected: `${done + bad.length} pictures that can be used`,
    received: done,
    hint: `${others}. What cannot be used:${bad.map(({ message }) => `\n  ${message}`).join('')}`,
  });
}
