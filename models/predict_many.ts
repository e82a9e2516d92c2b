import { untilAborted } from '../core/abort.js';
import { LowformerError } from '../core/errors.js';
import { isParted, type Picture, type RgbImage } from '../core/frame.js';
import { collectNotes, type Note } from '../core/notes.js';
import type { Result } from '../core/results.js';
import { MAX_PIXELS } from '../images/pixels.js';
import type { Predict, PredictOptions as RunOptions } from '../tasks/predictor.js';
import { decodingBudget, type Place } from './decoding_budget.js';
import type { Pictures } from './pictures.js';
import type { PredictManyOptions } from './predict_options.js';
import { resultsOfEach } from './results_of_each.js';
import { sourceIterator } from './source_iterator.js';

/** What came of one of many pictures. A bad one does not keep the others. */
export type Outcome<R extends Result, Source = unknown> =
  | {
      readonly ok: true;
      readonly index: number;
      readonly source: Source;
      /** Absent where the picture was read in parts: with `slices` or `onLabels`, of more than 67 million pixels. */
      readonly image?: RgbImage;
      readonly result: R;
      /** What is odd about the file, and was read all the same; seldom anything. */
      readonly notes: readonly Note[];
    }
  | { readonly ok: false; readonly index: number; readonly source: Source; readonly error: LowformerError };

/**
 * Batches that keep so many sessions busy: of each the one that it is at, and one that lies ready. With less, a session that is done
 * would wait for its next picture to be prepared, and for the pictures before it to be handed over.
 */
export function batchesOfSessions(sessions: number): number {
  return 2 * sessions;
}

/** From decoded pictures to their results, in order. */
export type RunBatch<R extends Result> = (...given: Parameters<Predict>) => Promise<readonly R[]>;

/** From one picture, held or in parts, to its result. */
export type RunPicture<R extends Result> = (picture: Picture, options: RunOptions, name: string) => Promise<R>;

/** The result of one picture, which is disposed of. */
export async function predictOne<R extends Result>(
  picture: Picture,
  run: RunPicture<R>,
  options: RunOptions,
  name: string,
): Promise<R> {
  try {
    return await run(picture, options, name);
  } finally {
    if (isParted(picture)) await picture[Symbol.asyncDispose]();
  }
}

/** From a source to its result. */
export interface Way<R extends Result, Source> {
  readonly run: RunBatch<R>;
  readonly pictures: Pictures<Source>;
  /** In the place of `run`: each picture by itself. */
  readonly one?: RunPicture<R>;
  /** For pictures that are too large to be held; absent where all are. */
  readonly parted?: RunPicture<R>;
  /** Batches that are under way together: `batchesOfSessions` of one session unless told otherwise. */
  readonly batchesAtOnce?: number;
}

/** Of pixels that are decoded before the network has come to them: ten pictures of 3840x2160. */
const DECODED_AHEAD = 256 * 2 ** 20;

/**
 * Results in the order of the pictures. Decoding goes ahead of the network, by a bounded number of pictures and of
 * bytes. A picture that fails anywhere, decoded or not, is an outcome that is not ok.
 * @throws whatever is no fault of a single picture: an abort, an engine that fails.
 */
export async function* predictMany<R extends Result, Given, Source extends Given>(
  sources: Iterable<Source> | AsyncIterable<Source>,
  way: Way<R, Given>,
  options: PredictManyOptions = {},
): AsyncGenerator<Outcome<R, Source>, void, undefined> {
  const { batchSize = 1, transfer, maxPixels = MAX_PIXELS, signal, onTiming } = options;
  const runOptions = { ...(signal && { signal }), ...(onTiming && { onTiming }) };
  const { batchesAtOnce = batchesOfSessions(1) } = way;
  const ahead = batchesAtOnce * batchSize;
  const budget = decodingBudget(DECODED_AHEAD);
  const iterator = sourceIterator(sources, options.signal);
  const waiting: Promise<Decoded<Source>>[] = [];
  let pulled = 0;
  let sourceEnd: { readonly failure?: unknown } | undefined;

  const pullOne = async (): Promise<void> => {
    if (sourceEnd !== undefined || waiting.length >= ahead) return;
    try {
      const step = await iterator.next();
      if (step.done === true) {
        sourceEnd = {};
        return;
      }
      const index = pulled++;
      const decoding = decode(step.value, index, {
        ...way,
        place: budget.place(Math.floor(index / batchSize)),
        transfer,
        maxPixels,
      });
      // It may fail while others are awaited; its error is told in its turn.
      decoding.catch(() => {});
      waiting.push(decoding);
    } catch (failure) {
      sourceEnd = { failure };
    }
  };
  // A source is asked for one picture at a time.
  let pulling = Promise.resolve();
  const pull = (): Promise<void> => {
    pulling = pulling.then(pullOne);
    return pulling;
  };

  /** The next batch, once its pictures are decoded; none at the end. Those behind it are begun. */
  const nextBatch = async (): Promise<readonly Decoded<Source>[]> => {
    while (sourceEnd === undefined && waiting.length < batchSize) await pull();
    options.signal?.throwIfAborted();
    if (waiting.length === 0 && sourceEnd !== undefined && 'failure' in sourceEnd) throw sourceEnd.failure;
    const members = waiting.splice(0, batchSize);
    for (let i = 0; i < ahead; i++) void pull();
    return untilAborted(Promise.all(members), options.signal);
  };

  const begun: Promise<Batch<R, Source>>[] = [];
  let last: Promise<unknown> = Promise.resolve();
  /** Runs as soon as it is decoded, also while whoever asked is busy with what the batches before it gave. */
  const begin = (): void => {
    const next = last.then(nextBatch).then((members) => {
      const outcomes = runBatch(members, way, runOptions);
      // It may fail while a batch before it is handed over, and nobody asks for it any more.
      outcomes.catch(() => {});
      return { members, outcomes };
    });
    next.catch(() => {});
    last = next;
    begun.push(next);
  };

  try {
    for (;;) {
      while (begun.length < batchesAtOnce) begin();
      const batch = await begun.shift();
      if (batch === undefined || batch.members.length === 0) break;
      yield* handOver(batch);
    }
  } finally {
    budget.close(new LowformerError({ code: 'disposed', where: 'predictMany', expected: 'a run that goes on' }));
    iterator.close();
  }
}

type Decoded<Source> = { readonly index: number; readonly source: Source; readonly place: Place } & (
  | { readonly image: Picture; readonly notes: readonly Note[] }
  | { readonly error: LowformerError }
);

interface Batch<R extends Result, Source> {
  readonly members: readonly Decoded<Source>[];
  readonly outcomes: Promise<readonly Outcome<R, Source>[]>;
}

async function* handOver<R extends Result, Source>({
  members,
  outcomes,
}: Batch<R, Source>): AsyncGenerator<Outcome<R, Source>, void, undefined> {
  const all = await outcomes;
  for (const [i, outcome] of all.entries()) {
    yield outcome;
    members[i]?.place.leave();
  }
}

async function decode<Given, Source extends Given>(
  source: Source,
  index: number,
  {
    pictures,
    one,
    parted,
    place,
    transfer,
    maxPixels,
  }: Pick<Way<Result, Given>, 'pictures' | 'one' | 'parted'> & {
    readonly place: Place;
    readonly transfer: boolean | undefined;
    readonly maxPixels: number;
  },
): Promise<Decoded<Source>> {
  const notes = collectNotes();
  try {
    const name = pictures.nameOf(source, index);
    const open = one === undefined && parted === undefined ? pictures.load : (pictures.open ?? pictures.load);
    const image = await open(source, { name, transfer, notes, maxPixels, admit: place.admit });
    return { index, source, place, image, notes: notes.list() };
  } catch (error) {
    place.leave();
    // Without the package no picture can be read.
    if (error instanceof LowformerError && error.code !== 'missing-package') return { index, source, place, error };
    throw error;
  }
}

async function runBatch<R extends Result, Given, Source extends Given>(
  members: readonly Decoded<Source>[],
  way: Way<R, Given>,
  options: RunOptions,
): Promise<readonly Outcome<R, Source>[]> {
  const decoded = members.filter((member) => 'image' in member);
  const nameOf = ({ source, index }: (typeof decoded)[number]) => way.pictures.nameOf(source, index);
  const alone = ({ image }: (typeof decoded)[number]) => (isParted(image) ? (way.one ?? way.parted) : way.one);
  const held = decoded.flatMap((member) =>
    alone(member) === undefined && !isParted(member.image) ? [{ image: member.image, name: nameOf(member) }] : [],
  );
  const ofHeld = await resultsOfEach(held, (some) =>
    way.run(
      some.map(({ image }) => image),
      options,
      some.map(({ name }) => name),
    ),
  );
  let next = 0;
  const results: (R | LowformerError | undefined)[] = [];
  for (const member of decoded) {
    const own = alone(member);
    if (own === undefined) {
      results.push(ofHeld[next++]);
      continue;
    }
    const run = async () => [await predictOne(member.image, own, options, nameOf(member))];
    results.push(...(await resultsOfEach([member], run)));
  }
  let at = 0;
  return members.map((member): Outcome<R, Source> => {
    const { index, source } = member;
    if ('error' in member) return { ok: false, index, source, error: member.error };
    const result = results[at++];
    if (result === undefined) throw new RangeError(`${results.length} results for ${decoded.length} pictures`);
    if (result instanceof LowformerError) return { ok: false, index, source, error: result };
    const { image, notes } = member;
    return { ok: true, index, source, ...(isParted(image) ? {} : { image }), result, notes };
  });
}
