/** From the times of groups to what is written of them. */
import type { RunTimes } from './networks/contestants.js';
import { macsAt } from './networks/network.js';
import type { Entrant, GroupTimes, Side } from './networks/sessions.js';
import { digits, sizeName } from './presentation/format.js';
import type { ComparisonRecord, InputSize, Memory, Result, Stages } from './record.js';
import { median } from './timing/statistics.js';
import { summarise } from './timing/summary.js';
import { compareTimes } from './timing/verdict.js';

/** What is known of a side before it is timed. */
export type MemoryOf = (side: Side, batch: number) => Memory | undefined;

/** One result for each side at each batch, in the order in which they come; groups with the same side count together. */
export function resultsOf(groups: readonly GroupTimes[], memoryOf: MemoryOf): readonly Result[] {
  const runs = new Map<string, { readonly side: Side; readonly batch: number; times: RunTimes[]; others: number }>();
  for (const { sides, batch, times, others } of groups) {
    for (const [i, side] of sides.entries()) {
      const key = JSON.stringify([sideKey(side), batch]);
      const found = runs.get(key) ?? { side, batch, times: [], others: 0 };
      runs.set(key, { ...found, times: [...found.times, ...(times[i] ?? [])], others: Math.max(found.others, others) });
    }
  }
  return [...runs.values()]
    .filter(({ times }) => times.length > 0)
    .map(({ side, batch, times, others }) => resultOf(side, batch, times, others, memoryOf(side, batch)));
}

function resultOf(
  side: Side,
  batch: number,
  runs: readonly RunTimes[],
  others: number,
  memory: Memory | undefined,
): Result {
  const { network, device } = side.entrant;
  const times = runs.map((run) => run.network);
  const milliseconds = summarise(times);
  const macs = macsAt(network, side.size);
  const seconds = milliseconds.median / 1000;
  const stages = stagesOf(runs, milliseconds);
  return {
    config: network.subject.config,
    part: network.subject.part,
    device,
    size: side.size,
    batch,
    weights: network.weights,
    parameters: network.parameters,
    macs,
    rounds: times.length,
    milliseconds,
    pictures_per_second: batch / seconds,
    macs_per_second: (batch * macs) / seconds,
    ...(stages === undefined ? {} : { stages }),
    ...(memory === undefined ? {} : { memory }),
    others,
    times,
  };
}

function stagesOf(runs: readonly RunTimes[], network: Stages['network']): Stages | undefined {
  const stages = runs.flatMap((run) => run.stages ?? []);
  if (stages.length === 0) return undefined;
  const of = (stage: 'file' | 'prepare' | 'decode') => summarise(stages.map((times) => times[stage]));
  return { file: of('file'), prepare: of('prepare'), network, decode: of('decode') };
}

/** Every pair of sides of every group, the network's time alone. */
export function comparisonsOf(groups: readonly GroupTimes[]): readonly ComparisonRecord[] {
  return groups.flatMap((group) =>
    group.sides.flatMap((_, first) =>
      group.sides.slice(first + 1).map((_, after) => comparisonOf(group, first, first + 1 + after)),
    ),
  );
}

function comparisonOf({ sides, batch, times }: GroupTimes, first: number, second: number): ComparisonRecord {
  const side = (place: number): Side => {
    const found = sides[place];
    if (found === undefined) throw new RangeError(`side ${place} of ${sides.length}`);
    return found;
  };
  const networkTimes = (place: number) => (times[place] ?? []).map(({ network }) => network);
  return {
    first: entrantName(side(first).entrant),
    second: entrantName(side(second).entrant),
    size: { first: side(first).size, second: side(second).size },
    batch,
    ...compareTimes(networkTimes(first), networkTimes(second)),
  };
}

/** `lowformer-b0_in1k on cpu`, `… (backbone) on cpu`. */
export function entrantName({ network: { subject }, device }: Entrant): string {
  return `${subject.config}${subject.part === 'backbone' ? ' (backbone)' : ''} on ${device}`;
}

/** The same text for the same network on the same device at the same size. */
export function sideKey({ entrant, size }: { readonly entrant: Entrant; readonly size: InputSize }): string {
  return `${entrantName(entrant)} ${sizeName(size)}`;
}

/** `batch 1: lowformer-b0_in1k 224x224 12.3 ms, …`, in the order of the sides. */
export function groupLine({ sides, batch, times }: GroupTimes): string {
  const medians = sides.map(({ entrant, size }, i) => {
    const middle = median((times[i] ?? []).map(({ network }) => network));
    return `${entrant.network.subject.config} ${sizeName(size)} ${digits(middle)} ms`;
  });
  return `batch ${batch}: ${medians.join(', ')}`;
}
