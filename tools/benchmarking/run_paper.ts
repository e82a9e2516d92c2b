/** `lowformer benchmark paper`: the pairs that the LowFormer paper compares, on this machine. */
import { LowformerError } from '../../core/errors.js';
import { checkDevices } from './devices.js';
import { type MeasuringOptions, recordHead } from './head.js';
import { measureMemory } from './memory.js';
import { type BenchmarkedNetwork, macsAt, openNetwork } from './network.js';
import type { PairRecord, PaperRecord, RatioRecord } from './paper_record.js';
import { type Claim, PAPER_PAIRS, PAPER_SETUP, type PaperPair, PUBLISHED_NETWORKS } from './published.js';
import type { Head, InputSize, Memory } from './record.js';
import { comparisonsOf, resultsOf, sideKey } from './results.js';
import { type Finished, groupLine, type Surroundings } from './run_benchmark.js';
import { type Entrant, type Group, type GroupTimes, runSessions, type Side } from './sessions.js';
import { type Comparison, compareTimes } from './verdict.js';

export interface PaperOptions extends MeasuringOptions {
  readonly device: string;
  /** Names of pairs; undefined for all. */
  readonly pairs: readonly string[] | undefined;
  /** Pictures of 224x224 in a run for throughput; larger ones are fewer. undefined: 4 on a processor, else 200. */
  readonly batch: number | undefined;
  readonly memory: boolean;
}

interface OpenedPair {
  readonly pair: PaperPair;
  readonly sides: readonly [Side, Side];
  /** For throughput. */
  readonly batch: number;
}

/** @throws {LowformerError} for a mistake, before anything is measured. */
export async function runPaper(options: PaperOptions, { signal, log }: Surroundings): Promise<Finished<PaperRecord>> {
  const { device, engine, threads } = options;
  const pairs = await openPairs(options);
  await checkDevices(engine, [device], signal);
  const head = await recordHead(options);
  const done = new Map<OpenedPair, GroupTimes[]>();
  const memory = new Map<string, Memory>();
  let failure: unknown;
  try {
    const sides = new Map(pairs.flatMap((opened) => opened.sides).map((side) => [sideKey(side), side]));
    for (const [key, { entrant, size }] of options.memory ? sides : []) {
      const { config, part, cfgOptions } = entrant.network.subject;
      const job = { config, part, cfgOptions, size, batch: 1, engine, device };
      memory.set(key, await measureMemory({ ...job, ...(threads === undefined ? {} : { threads }) }, signal));
    }
    const sessions = pairs.map((opened) => ({ opened, groups: groupsOf(opened) }));
    const progress = log.progress(sessions.flatMap(({ groups }) => groups).length, 'groups');
    for (const { opened, groups } of sessions) {
      const times: GroupTimes[] = [];
      done.set(opened, times);
      const onGroup = (group: GroupTimes) => {
        times.push(group);
        progress.done(groupLine(group));
      };
      await runSessions([{ groups }], { ...options, signal, onGroup });
    }
    progress.stop();
  } catch (error) {
    if (!signal.aborted) failure = error;
  }
  const groups = [...done.values()].flat();
  const results = resultsOf(groups, (side, batch) => (batch === 1 ? memory.get(sideKey(side)) : undefined));
  const record: PaperRecord = {
    kind: 'paper',
    complete: !signal.aborted && failure === undefined,
    ...head,
    device,
    differences: differences(head, device, groups),
    pairs: [...done].map(([opened, times]) => pairRecord(opened, times)),
    results: [...results],
    comparisons: [...comparisonsOf(groups)],
    published: PUBLISHED_NETWORKS.filter(({ config }) => results.some((result) => result.config === config)),
  };
  return { record, failure };
}

async function openPairs(options: PaperOptions): Promise<readonly OpenedPair[]> {
  const networks = new Map<string, Entrant>();
  const opened: OpenedPair[] = [];
  for (const pair of chosen(options.pairs)) {
    const open = async (config: string): Promise<Entrant> => {
      const key = `${config} ${pair.part}`;
      const found = networks.get(key);
      if (found !== undefined) return found;
      const subject = { config, part: pair.part, cfgOptions: [], checkpoint: undefined };
      const network: BenchmarkedNetwork = await openNetwork(subject);
      const entrant = { network, device: options.device };
      networks.set(key, entrant);
      return entrant;
    };
    const sides = [
      { entrant: await open(pair.first.config), size: square(pair.first.side) },
      { entrant: await open(pair.second.config), size: square(pair.second.side) },
    ] as const;
    for (const { entrant, size } of sides) macsAt(entrant.network, size);
    opened.push({ pair, sides, batch: batchFor(pair, options) });
  }
  return opened;
}

function chosen(names: readonly string[] | undefined): readonly PaperPair[] {
  if (names === undefined) return PAPER_PAIRS;
  return names.map((name) => {
    const found = PAPER_PAIRS.find((pair) => pair.name === name);
    if (found !== undefined) return found;
    const expected = `one of ${PAPER_PAIRS.map((pair) => pair.name).join(', ')}`;
    throw new LowformerError({ code: 'invalid-argument', where: '--pairs', expected, received: name });
  });
}

/** As many pixels as that many pictures of 224x224. */
function batchFor({ first }: PaperPair, { batch, device }: PaperOptions): number {
  const pictures = batch ?? (device === 'cpu' ? 4 : 200);
  return Math.max(1, Math.round(pictures * (224 / first.side) ** 2));
}

const square = (side: number): InputSize => ({ height: side, width: side });

/** Latency at batch 1, throughput at a larger one; the same rounds stand for both where there is no larger one. */
function groupsOf({ sides, batch }: OpenedPair): readonly Group[] {
  const latency = { sides, batch: 1 };
  return batch === 1 ? [latency] : [latency, { sides, batch, orLess: true }];
}

function pairRecord({ pair, batch }: OpenedPair, groups: readonly GroupTimes[]): PairRecord {
  const { name, first, second, part, claims } = pair;
  const [latency] = groups;
  const throughput = batch === 1 ? latency : groups[1];
  const ratio = (quantity: Claim['quantity'], group: GroupTimes | undefined): readonly RatioRecord[] => {
    if (group === undefined) return [];
    const found = claims.filter((claim) => claim.quantity === quantity);
    const measured = compared(group);
    return (found.length === 0 ? [undefined] : found).map((claim) =>
      ratioRecord(quantity, claim, measured, group.batch),
    );
  };
  return {
    name,
    first: first.config,
    second: second.config,
    part,
    ratios: [...ratio('latency', latency), ...ratio('throughput', throughput)],
  };
}

function compared({ times: [first = [], second = []] }: GroupTimes): Comparison {
  return compareTimes(
    first.map(({ network }) => network),
    second.map(({ network }) => network),
  );
}

function ratioRecord(
  quantity: Claim['quantity'],
  claim: Claim | undefined,
  { ratio, q25, q75, verdict }: Comparison,
  batch: number,
): RatioRecord {
  const latency = quantity === 'latency';
  const ahead = claim === undefined ? undefined : latency ? claim.ratio < 1 : claim.ratio > 1;
  const direction =
    ahead === undefined
      ? null
      : verdict === 'unclear'
        ? 'unclear'
        : (verdict === 'faster') === ahead
          ? 'same'
          : 'opposite';
  return {
    quantity,
    published: claim === undefined ? null : { ratio: claim.ratio, device: claim.device },
    measured: latency ? { ratio, q25, q75 } : { ratio: 1 / ratio, q25: 1 / q75, q75: 1 / q25 },
    batch,
    direction,
  };
}

function differences(
  { machine, settings }: Omit<Head, 'complete'>,
  device: string,
  groups: readonly GroupTimes[],
): string[] {
  const batches = [...new Set(groups.map(({ batch }) => batch).filter((batch) => batch > 1))];
  const where =
    device === 'cpu' ? `${machine.processor}, ${settings.threads} threads` : `${device} beside ${machine.processor}`;
  const many = batches.length === 0 ? 'batches of 1' : `batches of ${batches.join(' and ')}`;
  return [
    `The paper: ${PAPER_SETUP}.`,
    `Here: ${where}; ONNX Runtime ${machine.onnxruntime}, float32; throughput with ${many}; initial weights.`,
    ...(device === 'cpu'
      ? ['A ratio published for a GPU says nothing of a processor: it stands there to be compared.']
      : []),
  ];
}
