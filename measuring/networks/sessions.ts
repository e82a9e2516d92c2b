/** Which networks are open at the same time, and who takes turns with whom. */
import { LowformerError } from '../../core/errors.js';
import { sizeName } from '../presentation/format.js';
import type { InputSize } from '../record.js';
import { mostOthers, type Turns, takeTurns } from '../timing/measure.js';
import { noisyBatch, type OpenedContestant, openContestant, type RunTimes } from './contestants.js';
import type { EngineSettings } from './engine_settings.js';
import type { BenchmarkedNetwork } from './network.js';

/** A network on a device. */
export interface Entrant {
  readonly network: BenchmarkedNetwork;
  readonly device: string;
}

/** An entrant at a size. */
export interface Side {
  readonly entrant: Entrant;
  readonly size: InputSize;
}

/** Those who take turns. */
export interface Group {
  readonly sides: readonly Side[];
  readonly batch: number;
  /** Halved until every side can run it, where the device's memory is too small. */
  readonly orLess?: boolean;
}

/** Groups whose entrants are open together. */
export interface Session {
  readonly groups: readonly Group[];
}

export interface GroupTimes {
  readonly sides: readonly Side[];
  /** What was run. */
  readonly batch: number;
  /** For each side, its rounds that count. */
  readonly times: readonly (readonly RunTimes[])[];
  readonly others: number;
}

export interface SessionSettings extends EngineSettings, Turns {
  /** An encoded picture, where all stages are to be timed. */
  readonly picture?: Uint8Array | undefined;
  /** Called with each group once its rounds are done; with those that were whole where the signal came meanwhile. */
  readonly onGroup: (times: GroupTimes) => void;
}

/** @throws {LowformerError} what an engine throws. The signal ends it without an error. */
export async function runSessions(sessions: readonly Session[], settings: SessionSettings): Promise<void> {
  for (const session of sessions) {
    if (settings.signal?.aborted === true) return;
    await runSession(session, settings).catch((error: unknown) => {
      if (settings.signal?.aborted !== true) throw error;
    });
  }
}

async function runSession({ groups }: Session, settings: SessionSettings): Promise<void> {
  const sides = groups.flatMap((group) => group.sides);
  const { signal } = settings;
  const contestants = new Map<Entrant, OpenedContestant>();
  try {
    for (const entrant of new Set(sides.map((side) => side.entrant))) {
      const sizes = sides.filter((side) => side.entrant === entrant).map(({ size }) => size);
      contestants.set(
        entrant,
        await openContestant(entrant.network, sizes, settings, { device: entrant.device, signal }),
      );
    }
    for (const group of groups) {
      const batch = await largestBatch(group, contestants);
      const times = await timeGroup({ ...group, batch }, contestants, settings);
      if (times.times.some((rounds) => rounds.length > 0)) settings.onGroup(times);
      signal?.throwIfAborted();
    }
  } finally {
    for (const contestant of contestants.values()) await contestant[Symbol.asyncDispose]();
  }
}

type Contestants = ReadonlyMap<Entrant, OpenedContestant>;

async function timeGroup(group: Group, contestants: Contestants, settings: SessionSettings): Promise<GroupTimes> {
  const { sides, batch } = group;
  const { picture, rounds, warmUp, signal } = settings;
  const inputs = new Map(sides.map(({ size }) => [sizeName(size), noisyBatch(3, size, batch)]));
  const runs = sides.map(({ entrant, size }) => {
    const contestant = contestantOf(contestants, entrant);
    const input = inputs.get(sizeName(size)) ?? noisyBatch(3, size, batch);
    return picture === undefined
      ? () => contestant.runNetwork(input)
      : () => contestant.runStages(picture, size, batch);
  });
  return { sides, batch, ...(await timeTurns(runs, { rounds, warmUp, signal })) };
}

/** Takes turns, with what each run says of its own times. */
export async function timeTurns(
  runs: readonly (() => Promise<RunTimes>)[],
  turns: Turns,
): Promise<Pick<GroupTimes, 'times' | 'others'>> {
  const told = runs.map((): RunTimes[] => []);
  const laps = await takeTurns(
    runs.map((run, i) => async () => void told[i]?.push(await run())),
    turns,
  );
  // Every contestant runs once a round, from the first of the warm-up on.
  const counted = laps.map(({ round }) => turns.warmUp + round);
  return { times: told.map((times) => counted.flatMap((place) => times[place] ?? [])), others: mostOthers(laps) };
}

async function largestBatch({ sides, batch, orLess }: Group, contestants: Contestants): Promise<number> {
  if (orLess !== true || batch === 1) return batch;
  try {
    for (const { entrant, size } of sides) {
      await contestantOf(contestants, entrant).runNetwork(noisyBatch(3, size, batch));
    }
    return batch;
  } catch (error) {
    if (!(error instanceof LowformerError && ['engine-failure', 'out-of-memory', 'lost-device'].includes(error.code)))
      throw error;
    return largestBatch({ sides, batch: batch >> 1, orLess }, contestants);
  }
}

function contestantOf(contestants: Contestants, entrant: Entrant): OpenedContestant {
  const contestant = contestants.get(entrant);
  if (contestant === undefined) throw new RangeError(`${entrant.network.subject.config} is not open`);
  return contestant;
}
