/** Our graph against the `torch.onnx.export` of the same network with the same weights, in the same runtime. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SHIPPED_CONFIGS } from '../configs/index.js';
import { elements, type Tensor, tensor } from '../core/tensor.js';
import { threadLimit } from '../engines/thread/threads.js';
import type { Graph, Network } from '../graph/graph.js';
import { optimise, specialise } from '../graph/passes/index.js';
import {
  type Lap,
  median,
  minimum,
  noise,
  othersIn,
  quantile,
  ratios,
  takeTurns,
  timesOf,
} from '../measuring/timing/measure.js';
import { buildModel } from '../tasks/build_model.js';
import { formulaNetwork, onnxBytes, relativeError } from '../test/run_network.js';
import { openSession, type Session } from './open_session.js';
import { bar, type Report } from './report.js';

const shape = [1, 3, 512, 512];
const KINDS = ['backbone', 'detector', 'segmentor'] as const;
const ARCHS = ['b0', 'b1'] as const;
type Kind = (typeof KINDS)[number];
type Arch = (typeof ARCHS)[number];

/** The two ways in which a network is written, on both sides. */
const SIZES = {
  /** Theirs is traced for 512x512 alone; ours is specialised to multiples of 32, as detectors are when they are loaded. */
  'multiples of 32': { suffix: '', ours: (network: Network) => specialise(network, 32) },
  /** Both take pictures of every size. */
  any: { suffix: '_any_size', ours: (network: Network) => network },
} as const;
const WARM_UP = 3;
/**
 * Where a session's weights and maps lie in memory moves its speed by a percent, and stays as it is while the session
 * lives: so both are made anew so many times, ours first and theirs first in turn.
 */
const PLACEMENTS = 6;

/**
 * Both sessions live in this process, with the options that every session of the toolkit gets: threads stop spinning
 * when a run ends, so an idle session takes no processor from the other one.
 * @param references folder of `<kind>_<arch>.onnx` and `<kind>_<arch>_any_size.onnx`, from `python/export_reference.py`.
 * The bar: the median of the ratios is at most 1.
 */
export async function benchmarkNetworks(references: string, rounds = 36): Promise<Report> {
  const rows = [];
  for (const kind of KINDS) {
    for (const arch of ARCHS) {
      for (const [sizes, { suffix, ours }] of Object.entries(SIZES)) {
        const own = onnxBytes(ours(optimise(formulaNetwork(graphOf(kind, arch)))));
        const other = await readFile(join(references, `${kind}_${arch}${suffix}.onnx`));
        const row = { network: `${kind} ${arch.toUpperCase()}`, sizes, ...(await compare(own, other, rounds)) };
        rows.push(row);
        process.stderr.write(`${row.network}, ${sizes}: ${row.ratio.toFixed(3)}\n`);
      }
    }
  }
  return {
    title: 'Networks in ONNX Runtime against torch.onnx.export',
    how: `512x512, batch 1, ${threadLimit().threads} threads; ${rounds} pairs (ours, theirs, theirs, ours …), milliseconds. Both sessions are made anew ${PLACEMENTS} times, ours first and theirs first in turn, each time with ${WARM_UP} pairs to warm up. "ratio" is the median of ours / theirs pair by pair, "middle half" where half of these ratios lie, "difference" the largest between outputs as a share of the largest output, "others" the most that other processes took of the processors during a pair that counts.`,
    rows,
  };
}

async function compare(ourModel: Uint8Array, theirModel: Uint8Array, rounds: number) {
  const input = tensor(shape, new Float32Array(elements(shape)).map(noise(-2, 2)));
  const laps: Lap[] = [];
  let difference = 0;
  for (let placement = 0; placement < PLACEMENTS; placement++) {
    const [ours, theirs] = await openBoth(ourModel, theirModel, placement % 2 === 0);
    const runs = [() => ours.run(input), () => theirs.run(input)];
    laps.push(...(await takeTurns(runs, { rounds: Math.ceil(rounds / PLACEMENTS), warmUp: WARM_UP })));
    difference = Math.max(difference, largestDifference(await ours.run(input), await theirs.run(input)));
    await ours.release();
    await theirs.release();
  }
  const [own, other] = [timesOf(laps, 0), timesOf(laps, 1)];
  const pairs = ratios(own, other);
  return {
    ours: median(own),
    theirs: median(other),
    'ours, minimum': minimum(own),
    'theirs, minimum': minimum(other),
    ratio: median(pairs),
    'middle half': `${quantile(pairs, 0.25).toFixed(3)} to ${quantile(pairs, 0.75).toFixed(3)}`,
    difference,
    others: othersIn(laps),
    ...bar(median(pairs), 1),
  };
}

function graphOf(kind: Kind, arch: Arch): Graph {
  if (kind === 'segmentor')
    return buildModel(SHIPPED_CONFIGS[`sem-fpn_lowformer-${arch}_40k_ade20k-512x512`].model).graph;
  const { graph, wholeGraph } = buildModel(SHIPPED_CONFIGS[`retinanet_lowformer-${arch}_fpn_1x_coco`].model);
  if (kind === 'detector') return graph;
  return { ...wholeGraph, outputs: wholeGraph.outputs.filter(({ name }) => /^c\d$/.test(name)) };
}

async function openBoth(
  ours: Uint8Array,
  theirs: Uint8Array,
  oursFirst: boolean,
): Promise<readonly [Session, Session]> {
  if (oursFirst) return [await openSession(ours), await openSession(theirs)];
  const second = await openSession(theirs);
  return [await openSession(ours), second];
}

/** Outputs are matched by their order: torch's export numbers them. */
function largestDifference(ours: readonly Tensor[], theirs: readonly Tensor[]): number {
  if (ours.length !== theirs.length) throw new Error(`${ours.length} outputs against ${theirs.length}`);
  return Math.max(...theirs.map((reference, i) => relativeError(ours[i], reference)));
}
