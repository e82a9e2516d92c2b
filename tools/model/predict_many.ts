import { LowformerError } from '../../core/errors.js';
import type { RgbImage } from '../../core/frame.js';
import type { Result } from '../../core/results.js';
import type { PredictOptions } from '../../tasks/predictor.js';
import { type ImageSource, loadImage } from './image_source.js';

/** What came of one of many pictures. A bad one does not keep the others. */
export type Outcome<R extends Result, Source extends ImageSource = ImageSource> =
  | { readonly ok: true; readonly index: number; readonly source: Source; readonly image: RgbImage; readonly result: R }
  | { readonly ok: false; readonly index: number; readonly source: Source; readonly error: LowformerError };

export interface PredictManyOptions extends PredictOptions {
  /** Pictures in one run of the network; default 1. */
  readonly batchSize?: number;
}

type RunBatch<R extends Result> = (images: readonly RgbImage[], options: PredictOptions) => Promise<readonly R[]>;

/**
 * Results in the order of the pictures. Decoding goes ahead of the network, by a bounded number of pictures.
 * @throws whatever is no fault of a single picture: an abort, an engine that fails.
 */
export async function* predictMany<R extends Result, Source extends ImageSource>(
  sources: Iterable<Source> | AsyncIterable<Source>,
  run: RunBatch<R>,
  options: PredictManyOptions = {},
): AsyncGenerator<Outcome<R, Source>, void, undefined> {
  const { batchSize = 1, ...predictOptions } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    const expected = 'a whole number of 1 or more';
    throw new LowformerError({ code: 'invalid-argument', where: 'batchSize', expected, received: batchSize });
  }
  let running: Promise<readonly Outcome<R, Source>[]> | undefined;
  for await (const members of inBatches(decodeAhead(sources, 2 * batchSize), batchSize)) {
    // The next batch is prepared and queued before the one before it is awaited: the network never waits for a decode.
    const next = runBatch(members, run, predictOptions);
    // It may fail while the other is awaited; its error is told in its turn.
    next.catch(() => {});
    if (running !== undefined) yield* await running;
    running = next;
  }
  if (running !== undefined) yield* await running;
}

type Decoded<Source> = { readonly index: number; readonly source: Source } & (
  | { readonly image: RgbImage }
  | { readonly error: LowformerError }
);

/** Decodes up to `ahead` pictures before they are asked for. */
async function* decodeAhead<Source extends ImageSource>(
  sources: Iterable<Source> | AsyncIterable<Source>,
  ahead: number,
): AsyncGenerator<Decoded<Source>, void, undefined> {
  const waiting: Promise<Decoded<Source>>[] = [];
  let index = 0;
  for await (const source of sources) {
    const decoding = decode(source, index++);
    decoding.catch(() => {});
    waiting.push(decoding);
    if (waiting.length < ahead) continue;
    const first = waiting.shift();
    if (first !== undefined) yield await first;
  }
  for (const decoding of waiting) yield await decoding;
}

async function decode<Source extends ImageSource>(source: Source, index: number): Promise<Decoded<Source>> {
  try {
    return { index, source, image: await loadImage(source) };
  } catch (error) {
    // Without the package no picture can be read.
    if (error instanceof LowformerError && error.code !== 'missing-package') return { index, source, error };
    throw error;
  }
}

async function* inBatches<Member>(
  members: AsyncIterable<Member>,
  size: number,
): AsyncGenerator<readonly Member[], void, undefined> {
  let batch: Member[] = [];
  for await (const member of members) {
    batch.push(member);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function runBatch<R extends Result, Source extends ImageSource>(
  members: readonly Decoded<Source>[],
  run: RunBatch<R>,
  options: PredictOptions,
): Promise<readonly Outcome<R, Source>[]> {
  const images = members.flatMap((member) => ('image' in member ? [member.image] : []));
  const results = images.length === 0 ? [] : await run(images, options);
  let at = 0;
  return members.map((member): Outcome<R, Source> => {
    const { index, source } = member;
    if ('error' in member) return { ok: false, index, source, error: member.error };
    const result = results[at++];
    if (result === undefined) throw new RangeError(`${results.length} results for ${images.length} pictures`);
    return { ok: true, index, source, image: member.image, result };
  });
}
