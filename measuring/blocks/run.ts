/** `lowformer benchmark blocks`: LowFormer's choices, layer by layer, on this machine. */
import { createEngine, type Engine } from '../../engines/index.js';
import { type Finished, keepGoing, type MeasuringOptions, recordHead, type Surroundings } from '../head.js';
import { noisyBatch } from '../networks/contestants.js';
import { checkDevices } from '../networks/devices.js';
import { engineOptions } from '../networks/engine_settings.js';
import { ratioText } from '../presentation/format.js';
import { takeTurns, timesOf } from '../timing/measure.js';
import { summarise } from '../timing/summary.js';
import { compareTimes } from '../timing/verdict.js';
import { BLOCK_COMPARISONS, type BlockComparison, type BlockComparisonName } from './comparisons.js';
import { findingOf, paying } from './finding.js';
import { type BlockNetwork, blockNetworks, runnableBlock } from './networks.js';
import type { BlockCell, BlockComparisonRecord, BlocksRecord } from './record.js';

export interface BlocksOptions extends MeasuringOptions {
  readonly device: string;
  readonly only: readonly BlockComparisonName[];
  readonly channels: readonly number[];
  /** Heights and widths of the maps. */
  readonly sides: readonly number[];
}

interface Place {
  readonly name: BlockComparisonName;
  readonly channels: number;
  readonly side: number;
  readonly networks: readonly [BlockNetwork, BlockNetwork];
}

/** @throws {LowformerError} for a mistake, before anything is measured. */
export async function runBlocks(
  options: BlocksOptions,
  { signal, log }: Surroundings,
): Promise<Finished<BlocksRecord>> {
  await checkDevices(options, [options.device], signal);
  const head = await recordHead(options);
  const places = options.only.flatMap((name) => placesOf(name, options));
  const cells = new Map<BlockComparisonName, BlockCell[]>(options.only.map((name) => [name, []]));
  const progress = log.progress(places.length, 'places', 'each');
  const failure = await keepGoing(signal, async () => {
    for (const place of places) {
      const cell = await measurePlace(place, options, signal);
      if (cell === undefined) return;
      cells.get(place.name)?.push(cell);
      progress.done(`${place.name}, ${place.channels} channels at ${place.side}x${place.side}: ${ratioText(cell)}`);
    }
  });
  progress.stop();
  const record: BlocksRecord = {
    kind: 'blocks',
    complete: !signal.aborted && failure === undefined,
    ...head,
    device: options.device,
    comparisons: [...cells].map(([name, found]) => comparisonRecord(name, found)),
  };
  return { record, failure };
}

function placesOf(name: BlockComparisonName, { channels, sides }: BlocksOptions): readonly Place[] {
  const { first, second, largestSide }: BlockComparison = BLOCK_COMPARISONS[name];
  return channels.flatMap((width) =>
    sides
      .filter((side) => side <= largestSide)
      .flatMap((side) => {
        const networks = blockNetworks([first, second], width, side);
        return networks === undefined ? [] : [{ name, channels: width, side, networks }];
      }),
  );
}

/** undefined where the signal came before a round was whole. */
async function measurePlace(
  { name, channels, side, networks }: Place,
  options: BlocksOptions,
  signal: AbortSignal,
): Promise<BlockCell | undefined> {
  const input = noisyBatch(1, { height: side, width: side }, 1);
  const engines: Engine[] = [];
  try {
    for (const network of networks) {
      const running = engineOptions(options, options.device, signal);
      engines.push(await createEngine(options.engine, runnableBlock(network, side), running));
    }
    const runs = engines.map((engine) => () => engine.run({ input }, { signal }));
    const laps = await takeTurns(runs, { rounds: options.rounds, warmUp: options.warmUp, signal });
    if (laps.length === 0) return undefined;
    const times = networks.map(({ repeats }, i) => timesOf(laps, i).map((time) => time / repeats));
    const [first = [], second = []] = times;
    const compared = compareTimes(first, second);
    const choice = BLOCK_COMPARISONS[name].choice(channels);
    return {
      channels,
      side,
      first: variantRecord(networks[0], first),
      second: variantRecord(networks[1], second),
      ...compared,
      choice,
      pays: paying(choice, compared.verdict),
    };
  } finally {
    for (const engine of engines) await engine[Symbol.asyncDispose]();
  }
}

function variantRecord({ macs }: BlockNetwork, times: readonly number[]): BlockCell['first'] {
  const milliseconds = summarise(times);
  return { macs, milliseconds, macs_per_second: macs / (milliseconds.median / 1000) };
}

function comparisonRecord(name: BlockComparisonName, cells: BlockCell[]): BlockComparisonRecord {
  const { title, first, second, choiceText } = BLOCK_COMPARISONS[name];
  const names = { first: first.name, second: second.name };
  return { name, title, ...names, cells, finding: findingOf(cells, { ...names, choiceText }) };
}
