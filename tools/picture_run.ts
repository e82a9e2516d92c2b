import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import type { Result } from '../core/results.js';
import type { CommonOptions } from './common_options.js';
import { createConsole } from './console.js';
import { expandImages, outputNames } from './image_arguments.js';
import { writeJson } from './json_output.js';
import type { LoadedModel, LoadOptions } from './model/load_model.js';

/** What a command makes of each picture. */
export interface PictureRun<R extends Result> {
  readonly load: (config: string, options: LoadOptions) => Promise<LoadedModel<R>>;
  /** One entry of the JSON. */
  readonly record: (file: string, result: R) => unknown;
  /** A few words for the line of progress. */
  readonly summary: (result: R) => string;
  /** Writes pictures under `base`, a path without ending. */
  readonly draw?: (base: string, image: RgbImage, result: R) => Promise<void>;
}

export interface PictureOptions extends CommonOptions {
  readonly batchSize: number;
  readonly out?: string | undefined;
}

/**
 * Runs a model over pictures: all that can be read are done and written, then the bad ones are named.
 * Without `--json` and `--out` the JSON goes to stdout.
 * @throws {LowformerError} `unreadable-image` after the rest is done, when pictures could not be read.
 */
export async function runPictures<R extends Result>(
  config: string,
  images: readonly string[],
  options: PictureOptions,
  run: PictureRun<R>,
): Promise<void> {
  const log = createConsole(options.quiet);
  const files = await expandImages(images);
  const names = outputNames(files);
  if (options.out !== undefined) await makeFolder(options.out);
  const { checkpoint, threads } = options;
  await using model = await run.load(config, {
    allowMismatch: options.allowMismatch,
    cfgOptions: options.cfgOptions,
    device: options.device,
    engine: options.engine,
    onMessage: log.say,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(threads === undefined ? {} : { threads }),
  });

  const records: unknown[] = [];
  const bad: LowformerError[] = [];
  const progress = log.progress(files.length, 'pictures');
  try {
    for await (const outcome of model.predictMany(files, { batchSize: options.batchSize })) {
      const { source } = outcome;
      if (!outcome.ok) {
        bad.push(outcome.error);
        progress.done(`${source}: cannot be read`);
        continue;
      }
      records.push(run.record(source, outcome.result));
      if (options.out !== undefined && run.draw !== undefined) {
        const base = join(options.out, names.get(source) ?? source);
        await makeFolder(dirname(base));
        await run.draw(base, outcome.image, outcome.result);
      }
      progress.done(`${source}: ${run.summary(outcome.result)}`);
    }
  } finally {
    progress.stop();
  }
  const target = options.json ?? (options.out === undefined ? '-' : undefined);
  if (target !== undefined) await writeJson(target, records);
  if (options.out !== undefined) log.say(`pictures are in ${options.out}`);
  if (bad.length > 0) throw unreadable(bad, files.length);
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const received = cause instanceof Error ? cause.message : String(cause);
    throw new LowformerError({
      code: 'unwritable-file',
      where: folder,
      expected: 'a folder that can be made and written to',
      received,
      cause,
    });
  }
}

function unreadable(bad: readonly LowformerError[], total: number): LowformerError {
  const [only] = bad;
  if (only !== undefined && total === 1) return only;
  const list = bad.map(({ message }) => `\n  ${message}`).join('');
  const hint = `The other ${total - bad.length} are done. These are not:${list}`;
  return new LowformerError({
    code: 'unreadable-image',
    where: 'IMAGE',
    expected: `${total} pictures that can be read`,
    received: total - bad.length,
    hint,
  });
}
