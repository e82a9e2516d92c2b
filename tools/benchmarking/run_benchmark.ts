/** `lowformer benchmark CONFIG…`: networks x devices x sizes x batch sizes. */
import type { Console } from '../console.js';
import { checkDevices } from './devices.js';
import { openTogether } from './fits.js';
import { digits, megabytes } from './format.js';
import { type MeasuringOptions, recordHead } from './head.js';
import { measureMemory } from './memory.js';
import { type BenchmarkedNetwork, macsAt, openNetwork, type Subject, sizeName } from './network.js';
import type { BenchmarkRecord, InputSize, Memory } from './record.js';
import { comparisonsOf, entrantName, resultsOf, sideKey } from './results.js';
import { type Entrant, type Group, type GroupTimes, runSessions, type Session, type Side } from './sessions.js';
import { checkStages, stagePicture } from './stage_picture.js';

export interface BenchmarkOptions extends MeasuringOptions {
  readonly subjects: readonly Subject[];
  readonly devices: readonly string[];
  /** undefined for the size at which a config's task is usually measured: 224x224 or 512x512. */
  readonly sizes: readonly InputSize[] | undefined;
  readonly batches: readonly number[];
  /** Times the whole way from a picture's file to results. */
  readonly stages: boolean;
  readonly picture: string | undefined;
  /** Measures peak memory, in a process for each network. */
  readonly memory: boolean;
}

export interface Surroundings {
  readonly signal: AbortSignal;
  readonly log: Console;
}

/** What a run left: the record is whole but for what came after an interruption or a failure. */
export interface Finished<Record> {
  readonly record: Record;
  /** What an engine threw on the way; undefined where nothing did. */
  readonly failure: unknown;
}

/** Everything that can be known to be wrong is found before anything is measured. @throws {LowformerError} */
export async function runBenchmark(
  options: BenchmarkOptions,
  { signal, log }: Surroundings,
): Promise<Finished<BenchmarkRecord>> {
  const networks: BenchmarkedNetwork[] = [];
  for (const subject of options.subjects) networks.push(await openNetwork(subject));
  const sidesOf = (entrant: Entrant): readonly Side[] =>
    sizesOf(entrant.network, options).map((size) => ({ entrant, size }));
  for (const network of networks) {
    for (const size of sizesOf(network, options)) {
      macsAt(network, size);
      if (options.stages) checkStages(network, size);
    }
  }
  await checkDevices(options.engine, options.devices, signal);
  const picture = options.stages ? await stagePicture(options.picture) : undefined;
  const head = await recordHead(options);

  const entrants = networks.flatMap((network) => options.devices.map((device): Entrant => ({ network, device })));
  const sides = entrants.flatMap(sidesOf);
  const done: GroupTimes[] = [];
  const memory = new Map<string, Memory>();
  const memoryKey = (side: Side, batch: number) => `${sideKey(side)} ${batch}`;
  let failure: unknown;
  try {
    if (options.memory) {
      for (const side of sides) {
        for (const batch of options.batches) {
          const found = await memoryOf(side, batch, options, signal);
          memory.set(memoryKey(side, batch), found);
          log.say(
            `${entrantName(side.entrant)}, ${sizeName(side.size)} x ${batch}: ${megabytes(found.peak_bytes)} MB at most`,
          );
        }
      }
    }
    const need = (entrant: Entrant) =>
      Math.max(
        3 * 4 * entrant.network.parameters,
        ...sidesOf(entrant).flatMap((side) =>
          options.batches.map((batch) => memory.get(memoryKey(side, batch))?.network_bytes ?? 0),
        ),
      );
    const sets = openTogether(entrants.map(need), process.availableMemory());
    const sessions = sets.map((places): Session => {
      const open = places.flatMap((place) => entrants[place] ?? []);
      return { groups: groupsOf(open.flatMap(sidesOf), options.batches) };
    });
    if (sets.length > 1) log.say('not enough memory for all at once: the first beside each of the others in turn');
    const progress = log.progress(sessions.flatMap(({ groups }) => groups).length, 'groups');
    await runSessions(sessions, {
      ...options,
      signal,
      picture,
      onGroup: (times) => {
        done.push(times);
        progress.done(groupLine(times));
      },
    });
    progress.stop();
  } catch (error) {
    if (!signal.aborted) failure = error;
  }
  const record: BenchmarkRecord = {
    kind: 'benchmark',
    complete: !signal.aborted && failure === undefined,
    ...head,
    results: [...resultsOf(done, (side, batch) => memory.get(memoryKey(side, batch)))],
    comparisons: [...comparisonsOf(done)],
  };
  return { record, failure };
}

function sizesOf({ opened }: BenchmarkedNetwork, { sizes }: BenchmarkOptions): readonly InputSize[] {
  if (sizes !== undefined) return sizes;
  const side = opened.model.task === 'classification' ? 224 : 512;
  return [{ height: side, width: side }];
}

/** Sides of one size take turns, at each batch. */
function groupsOf(sides: readonly Side[], batches: readonly number[]): readonly Group[] {
  const sizes = [...new Set(sides.map(({ size }) => sizeName(size)))];
  return sizes.flatMap((size) =>
    batches.map((batch) => ({ sides: sides.filter((side) => sizeName(side.size) === size), batch })),
  );
}

async function memoryOf(
  { entrant: { network, device }, size }: Side,
  batch: number,
  { engine, threads }: BenchmarkOptions,
  signal: AbortSignal,
): Promise<Memory> {
  const { checkpoint, ...subject } = network.subject;
  const optional = {
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(threads === undefined ? {} : { threads }),
  };
  return measureMemory({ ...subject, size, batch, engine, device, ...optional }, signal);
}

/** `224x224 x 1: 12.3 ms, 14.5 ms`, in the order of the sides. */
export function groupLine({ sides, batch, times }: GroupTimes): string {
  const medians = sides.map(({ entrant, size }, i) => {
    const milliseconds = (times[i] ?? []).map(({ network }) => network).toSorted((a, b) => a - b);
    const middle = milliseconds[milliseconds.length >> 1] ?? Number.NaN;
    return `${entrant.network.subject.config} ${sizeName(size)} ${digits(middle)} ms`;
  });
  return `batch ${batch}: ${medians.join(', ')}`;
}
