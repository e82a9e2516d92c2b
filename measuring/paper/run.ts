/** `lowformer benchmark paper`: the pairs that the LowFormer paper compares, on this machine. */

import { LowformerError } from '../../core/errors.js';
import { type Finished, keepGoing, type MeasuringOptions, recordHead, type Surroundings } from '../head.js';
import { peakMemory } from '../memory/peak.js';
import { checkDevices } from '../networks/devices.js';
import { engineTitle } from '../networks/engine_title.js';
import { type BenchmarkedNetwork, checkBatch, macsAt, openNetwork } from '../networks/network.js';
import { type Entrant, type Group, type GroupTimes, runSessions, type Side } from '../networks/sessions.js';
import type { Head, InputSize } from '../record.js';
import { comparisonsOf, groupLine, resultsOf, sideKey } from '../results.js';
import { PAPER_PAIRS, PAPER_SETUP, type PaperPair, PUBLISHED_NETWORKS } from './published.js';
import { pairRecord } from './ratios.js';
import type { PaperRecord } from './record.js';

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
export async function runPaper(options: PaperOptions, surroundings: Surroundings): Promise<Finished<PaperRecord>> {
  const { signal, log } = surroundings;
  const { device } = options;
  const pairs = await openPairs(options);
  await checkDevices(options, [device], signal);
  const head = await recordHead(options);
  const memory = peakMemory(options, surroundings);
  const done = new Map<OpenedPair, GroupTimes[]>();
  const failure = await keepGoing(signal, async () => {
    const sides = new Map(pairs.flatMap((opened) => opened.sides).map((side) => [sideKey(side), side]));
    if (options.memory) await memory.measure([...sides.values()], [1]);
    const sessions = pairs.map((opened) => ({ opened, groups: groupsOf(opened) }));
    const progress = log.progress(sessions.flatMap(({ groups }) => groups).length, 'groups', 'each');
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
  });
  const groups = [...done.values()].flat();
  const results = resultsOf(groups, memory.at);
  const record: PaperRecord = {
    kind: 'paper',
    complete: !signal.aborted && failure === undefined,
    ...head,
    device,
    differences: differences(head, device, groups),
    pairs: [...done].map(([{ pair, batch }, times]) => pairRecord(pair, batch, times)),
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
      const subject = { config, part: pair.part, cfgOptions: [], checkpoint: undefined, allowMismatch: [] };
      const network: BenchmarkedNetwork = await openNetwork(subject);
      const entrant = { network, device: options.device };
      networks.set(key, entrant);
      return entrant;
    };
    const sides = [
      { entrant: await open(pair.first.config), size: square(pair.first.side) },
      { entrant: await open(pair.second.config), size: square(pair.second.side) },
    ] as const;
    const batch = batchFor(pair, options);
    for (const { entrant, size } of sides) {
      macsAt(entrant.network, size);
      checkBatch('--batch', size, batch);
    }
    opened.push({ pair, sides, batch });
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
    `Here: ${where}; ${engineText(settings, machine)}; throughput with ${many}; initial weights.`,
    ...(device === 'cpu'
      ? ['A ratio published for a GPU says nothing of a processor: it stands there to be compared.']
      : []),
  ];
}

function engineText({ engine, precision }: Head['settings'], { onnxruntime }: Head['machine']): string {
  return `${engineTitle(engine, onnxruntime)}, ${precision}`;
}
