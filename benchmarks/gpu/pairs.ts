/** The paper's pairs: latency of one picture, the batch that gives the most throughput, and 512x512. */
import type { Tensor } from '../../core/tensor.js';
import { reasonOf } from '../../engines/reason.js';
import { noisyBatch, type OpenedContestant, openContestant } from '../../measuring/networks/contestants.js';
import { type BenchmarkedNetwork, macsAt, openNetwork, type Subject } from '../../measuring/networks/network.js';
import { PAPER_PAIRS, type PaperPair } from '../../measuring/paper/published.js';
import { takeTurns, timesOf } from '../../measuring/timing/measure.js';
import { summarise } from '../../measuring/timing/summary.js';
import { compareTimes } from '../../measuring/timing/verdict.js';
import { tinyConfigFile, type Where } from './networks.js';
import type { StepContext } from './steps.js';

interface Entrant {
  readonly name: string;
  readonly network: BenchmarkedNetwork;
  readonly contestant: OpenedContestant;
  /** Height and width at which it is compared. */
  readonly side: number;
}

interface Form {
  readonly pairs: readonly PaperPair[];
  readonly batches: readonly number[];
  readonly rounds: number;
  readonly warmUp: number;
  /** Beside each pair's own; undefined for none. */
  readonly largeSide: number | undefined;
}

const WHOLE: Form = { pairs: PAPER_PAIRS, batches: [8, 32, 128, 200], rounds: 15, warmUp: 4, largeSide: 512 };

/** Milliseconds after which no further round of a batch begins. */
const PATIENCE = 12_000;

export async function pairs({ device, precision }: Where, { short, signal, emit }: StepContext): Promise<void> {
  const form = short ? await shortForm() : WHOLE;
  const settings = { engine: 'onnxruntime', precision, fastMath: false, threads: undefined };
  const entrants: Entrant[] = [];
  try {
    for (const { name, side, subject } of sidesOf(form.pairs)) {
      try {
        const network = await openNetwork(subject);
        const sizes = [side, ...(form.largeSide === undefined ? [] : [form.largeSide])].map(square);
        const contestant = await openContestant(network, sizes, settings, { device, signal });
        const entrant = { name, network, contestant, side };
        // The first run compiles its shaders; one that cannot run is left out here.
        await contestant.runNetwork(noisyBatch(3, square(side), 1)).catch(async (error: unknown) => {
          await contestant[Symbol.asyncDispose]();
          throw error;
        });
        entrants.push(entrant);
      } catch (error) {
        signal.throwIfAborted();
        emit({ network: name, batch: 1, reason: reasonOf(error) });
      }
    }
    await turns(entrants, 1, undefined, form);
    let left: readonly Entrant[] = entrants;
    if (form.largeSide !== undefined) await turns(entrants, 1, form.largeSide, form);
    for (const batch of form.batches) left = await turns(left, batch, undefined, form);
  } finally {
    for (const { contestant } of entrants) await contestant[Symbol.asyncDispose]();
  }

  /** Everyone in turn at one batch. @returns those that could run it. */
  async function turns(
    among: readonly Entrant[],
    batch: number,
    everySide: number | undefined,
    { rounds, warmUp, pairs: compared }: Form,
  ): Promise<readonly Entrant[]> {
    const able: Entrant[] = [];
    const inputs = new Map<number, Tensor>();
    const inputOf = (side: number) => {
      const found = inputs.get(side) ?? noisyBatch(3, square(side), batch);
      inputs.set(side, found);
      return found;
    };
    for (const entrant of among) {
      const side = everySide ?? entrant.side;
      try {
        await entrant.contestant.runNetwork(inputOf(side));
        able.push(entrant);
      } catch (error) {
        signal.throwIfAborted();
        emit({ network: entrant.name, side, batch, reason: reasonOf(error) });
      }
    }
    const runs = able.map(
      ({ contestant, side }) =>
        () =>
          contestant.runNetwork(inputOf(everySide ?? side)),
    );
    const counted = batch === 1 ? { rounds, warmUp } : { rounds: Math.min(5, rounds), warmUp: 1 };
    const laps = await takeTurns(runs, { ...counted, signal, patience: PATIENCE });
    if (laps.length === 0) return able;
    for (const [i, { name, network, side }] of able.entries()) {
      const size = everySide ?? side;
      const { median, q25, q75 } = summarise(timesOf(laps, i));
      const macs = macsAt(network, square(size));
      emit({
        network: name,
        side: size,
        batch,
        milliseconds: median,
        q25,
        q75,
        'pictures/s': (1000 * batch) / median,
        'GMACs/s': (batch * macs) / median / 1e6,
        rounds: laps.length,
      });
    }
    for (const { name, first, second, part, claims } of compared) {
      const places = [first, second].map((one) => able.findIndex((entrant) => entrant.name === entrantName(one, part)));
      const [a = -1, b = -1] = places;
      if (a < 0 || b < 0) continue;
      const { ratio, q25, q75, verdict } = compareTimes(timesOf(laps, a), timesOf(laps, b));
      const quantity = batch === 1 ? 'latency' : 'throughput';
      const claim = claims.find((one) => one.quantity === quantity && one.device === 'GPU');
      // Of a throughput the ratio is turned round: pictures a second of the first to those of the second.
      const asSaid = batch === 1 ? { ratio, q25, q75 } : { ratio: 1 / ratio, q25: 1 / q75, q75: 1 / q25 };
      const size = everySide ?? first.side;
      emit({
        pair: name,
        side: size,
        batch,
        quantity,
        ...asSaid,
        'first is': verdict,
        published: claim?.ratio ?? null,
      });
    }
    return able;
  }
}

const square = (side: number) => ({ height: side, width: side });

function entrantName({ config, side }: PaperPair['first'], part: PaperPair['part']): string {
  return `${config}${part === 'backbone' ? ' (backbone)' : ''}${side === 224 ? '' : `@${side}`}`;
}

function sidesOf(compared: readonly PaperPair[]) {
  const found = new Map<string, { readonly name: string; readonly side: number; readonly subject: Subject }>();
  for (const { first, second, part } of compared) {
    for (const one of [first, second]) {
      const name = entrantName(one, part);
      const subject = { config: one.config, part, cfgOptions: [], checkpoint: undefined, allowMismatch: [] };
      found.set(name, { name, side: one.side, subject });
    }
  }
  return [...found.values()];
}

/** Two tiny classifiers, a few rounds. */
async function shortForm(): Promise<Form> {
  const [first, second] = [await tinyConfigFile('tiny classifier'), await tinyConfigFile('tiny detector')];
  const pair: PaperPair = {
    name: 'tiny',
    first: { config: first, side: 64 },
    second: { config: second, side: 64 },
    part: 'whole',
    claims: [],
  };
  return { pairs: [pair], batches: [2], rounds: 3, warmUp: 1, largeSide: undefined };
}
