/** `lowformer benchmark CONFIG…`: networks x devices x sizes x batch sizes. */

import { usualInputSize } from '../tasks/input_size.js';
import { type Finished, keepGoing, type MeasuringOptions, recordHead, type Surroundings } from './head.js';
import { type PeakMemory, peakMemory } from './memory/peak.js';
import { checkDevices } from './networks/devices.js';
import { openTogether } from './networks/fits.js';
import {
  type BenchmarkedNetwork,
  checkBatch,
  checkWeights,
  macsAt,
  openNetwork,
  type Subject,
} from './networks/network.js';
import {
  type Entrant,
  type Group,
  type GroupTimes,
  runSessions,
  type Session,
  type Side,
} from './networks/sessions.js';
import { checkStages, stagePicture } from './networks/stage_picture.js';
import { sizeName } from './presentation/format.js';
import type { BenchmarkRecord, InputSize } from './record.js';
import { comparisonsOf, groupLine, resultsOf } from './results.js';

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

/** Everything that can be known to be wrong is found before anything is measured. @throws {LowformerError} */
export async function runBenchmark(
  options: BenchmarkOptions,
  surroundings: Surroundings,
): Promise<Finished<BenchmarkRecord>> {
  const { signal, log } = surroundings;
  const networks = await checkedNetworks(options, surroundings);
  const picture = options.stages ? await stagePicture(options.picture) : undefined;
  const head = await recordHead(options);
  const entrants = networks.flatMap((network) => options.devices.map((device): Entrant => ({ network, device })));
  const memory = peakMemory(options, surroundings);
  const done: GroupTimes[] = [];
  const failure = await keepGoing(signal, async () => {
    const sides = entrants.flatMap((entrant) => sidesOf(entrant, options));
    if (options.memory) await memory.measure(sides, options.batches);
    const sessions = sessionsOf(entrants, memory, options);
    if (sessions.length > 1) log.say('not enough memory for all at once: the first beside each of the others in turn');
    const progress = log.progress(sessions.flatMap(({ groups }) => groups).length, 'groups', 'each');
    const onGroup = (times: GroupTimes) => {
      done.push(times);
      progress.done(groupLine(times));
    };
    await runSessions(sessions, { ...options, signal, picture, onGroup }).finally(() => progress.stop());
  });
  const record: BenchmarkRecord = {
    kind: 'benchmark',
    complete: !signal.aborted && failure === undefined,
    ...head,
    results: [...resultsOf(done, memory.at)],
    comparisons: [...comparisonsOf(done)],
  };
  return { record, failure };
}

async function checkedNetworks(
  options: BenchmarkOptions,
  { signal, log }: Surroundings,
): Promise<readonly BenchmarkedNetwork[]> {
  const networks: BenchmarkedNetwork[] = [];
  for (const subject of options.subjects) networks.push(await openNetwork(subject));
  for (const network of networks) {
    for (const size of sizesOf(network, options)) {
      macsAt(network, size);
      for (const batch of options.batches) checkBatch('--batches', size, batch);
      if (options.stages) checkStages(network, size);
    }
  }
  for (const network of networks) await checkWeights(network, log.say);
  await checkDevices(options, options.devices, signal);
  return networks;
}

/** Whoever fits into memory together is open together. */
function sessionsOf(entrants: readonly Entrant[], memory: PeakMemory, options: BenchmarkOptions): readonly Session[] {
  const needs = entrants.map((entrant) => {
    const peaks = sidesOf(entrant, options).flatMap((side) =>
      options.batches.map((batch) => memory.at(side, batch)?.network_bytes ?? 0),
    );
    return Math.max(ROUGHLY * entrant.network.parameters, ...peaks);
  });
  return openTogether(needs, process.availableMemory()).map((places) => {
    const open = places.flatMap((place) => entrants[place] ?? []);
    return {
      groups: groupsOf(
        open.flatMap((entrant) => sidesOf(entrant, options)),
        options.batches,
      ),
    };
  });
}

/** Bytes a parameter while a network is opened, where nothing was measured: three times its float32. */
const ROUGHLY = 12;

function sidesOf(entrant: Entrant, options: BenchmarkOptions): readonly Side[] {
  return sizesOf(entrant.network, options).map((size) => ({ entrant, size }));
}

function sizesOf({ opened }: BenchmarkedNetwork, { sizes }: BenchmarkOptions): readonly InputSize[] {
  if (sizes !== undefined) return sizes;
  return [usualInputSize(opened.model)];
}

/** Sides of one size take turns, at each batch. */
function groupsOf(sides: readonly Side[], batches: readonly number[]): readonly Group[] {
  const sizes = [...new Set(sides.map(({ size }) => sizeName(size)))];
  return sizes.flatMap((size) =>
    batches.map((batch) => ({ sides: sides.filter((side) => sizeName(side.size) === size), batch })),
  );
}
