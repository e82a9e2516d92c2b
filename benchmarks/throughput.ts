/** Pictures a second of the network alone, over sessions, threads and batch sizes. */
import { createEngine, type Engine, threadLimit } from '../engines/index.js';
import {
  type Lap,
  median,
  minimum,
  othersIn,
  ratios,
  type Turns,
  takeTurns,
  timesOf,
} from '../measuring/timing/measure.js';
import { interruptedText, type LongCase, rowsOfCases } from './long_cases.js';
import { bareNetwork, greyInput, type MeasuredDetector, measuredDetectors } from './measured_detectors.js';
import type { Cell, Report } from './report.js';
import { inTemporaryFolder } from './temporary_folder.js';

const WARM_UP = 1;
const LARGE = { name: 'RetinaNet B1, 512x512', config: 'retinanet_lowformer-b1_fpn_1x_coco', pictures: 4 } as const;
const BATCHES = [1, 2, 4, 8] as const;
/** Of the rounds of all networks; on a quiet machine they are done before. */
const SECONDS = 190;

/** How the cores are shared out: one session with all of them, one with one, as many sessions as cores. */
function shares(): readonly (readonly [sessions: number, threads: number])[] {
  const { threads } = threadLimit();
  const all: [number, number][] = [[1, 1]];
  for (let sessions = 1; sessions <= threads; sessions *= 2) {
    if (threads > 1) all.push([sessions, Math.floor(threads / sessions)]);
  }
  return all;
}

/** No bar: the table is what `--sessions`, `--threads` and `--batch-size` are chosen by. */
export async function benchmarkThroughput(rounds = 7): Promise<Report> {
  return inTemporaryFolder(async (folder) => {
    const cases = (await measuredDetectors(folder, LARGE)).map(
      (detector): LongCase => ({
        name: detector.name,
        measure: (turns) => curve(detector, { ...turns, rounds, warmUp: WARM_UP }),
      }),
    );
    const rows = await rowsOfCases(cases, { seconds: SECONDS, rounds: rounds + WARM_UP });
    return {
      title: 'Throughput of the network',
      how: `Pictures a second of the network alone in ONNX Runtime, inputs ready, as many calls under way as sessions, and as many calls in all for each of them. "to the first" is the median ratio to one session with all cores and batch 1, round by round (${rounds} rounds in turns after ${WARM_UP} to warm up, fewer where ${SECONDS} seconds are over).${interruptedText()}`,
      rows,
    };
  });
}

async function curve(detector: MeasuredDetector, turns: Turns): Promise<Record<string, Cell>[]> {
  const { name, pictures } = detector;
  using network = await bareNetwork(detector);
  const all = threadLimit().threads;
  const settings = shares()
    .flatMap(([sessions, threads]) =>
      BATCHES.filter((batch) => batch <= pictures).map((batch) => ({ sessions, threads, batch })),
    )
    .toSorted((a, b) => Number(isFirst(b, all)) - Number(isFirst(a, all)));
  const engines = new Map<string, Engine>();
  try {
    for (const [sessions, threads] of shares()) {
      engines.set(
        `${sessions} ${threads}`,
        await createEngine('onnxruntime', network, { device: 'cpu', sessions, threads }),
      );
    }
    const contestants = settings.map(({ sessions, threads, batch }) => async () => {
      const engine = engines.get(`${sessions} ${threads}`);
      const input = greyInput(detector, batch);
      let left = callsOf(pictures, sessions, batch);
      const caller = async () => {
        while (left-- > 0) await engine?.run({ input });
      };
      await Promise.all(Array.from({ length: sessions }, caller));
    });
    return tabulate(await takeTurns(contestants, turns));
  } finally {
    for (const engine of engines.values()) await engine[Symbol.asyncDispose]();
  }

  function tabulate(laps: readonly Lap[]) {
    if (laps.length === 0) return [];
    const ofFirst = callsOf(pictures, 1, 1);
    return settings.map(({ sessions, threads, batch }, i) => {
      const times = timesOf(laps, i);
      const done = callsOf(pictures, sessions, batch) * batch;
      return {
        model: name,
        sessions,
        threads,
        batch,
        'pictures/s': (1000 * done) / median(times),
        'at best': (1000 * done) / minimum(times),
        'to the first': median(ratios(timesOf(laps, 0), times)) * (done / ofFirst),
        others: othersIn(laps),
      };
    });
  }
}

/** Calls for about so many pictures, the same number for each session: none waits for another at the end. */
function callsOf(pictures: number, sessions: number, batch: number): number {
  return sessions * Math.ceil(pictures / (batch * sessions));
}

function isFirst({ sessions, threads, batch }: { sessions: number; threads: number; batch: number }, all: number) {
  return sessions === 1 && threads === all && batch === 1;
}
