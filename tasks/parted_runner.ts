/** Runs a detector in two parts: all but its box tower, then the tower where a box can come of it. */
import { untilAborted } from '../core/abort.js';
import { elements, type Tensor, type Tensors } from '../core/tensor.js';
import type { Tower } from '../graph/towers.js';
import type { CandidatePixels } from '../registry/define.js';
import { isNan, type Runner } from './network_runs.js';
import { placeBoxes, type TowerPixels, towerInputs, towerPixels } from './tower_pixels.js';

export interface PartedRunnerParts {
  readonly tower: Tower;
  readonly first: Runner;
  readonly towerAtPixels: Runner;
  /** Asked for when a picture first has more candidates than pay at pixels. */
  readonly towerEverywhere: () => Promise<Runner>;
  readonly candidatePixels: CandidatePixels;
  /** The largest share of the tower's work that is done at pixels, 0 to 1; 0.75 unless told otherwise. */
  readonly mostShare?: number;
  /** Calls that run side by side, as many as the runners have sessions; 1 unless told otherwise. */
  readonly atOnce?: number;
}

type RunOptions = Parameters<Runner['run']>[1];

/**
 * Of a tower's multiply-accumulates. At pixels they take longer each than in the convolutions that run everywhere: candidates in every
 * second square of 8x8 still gain a fifth, everywhere they would gain nothing (`benchmarks/box_tower.ts`).
 */
const MOST_SHARE = 0.75;

/** The same where what runs everywhere does so by tiles (`graph/passes/winograd.ts`), with a quarter of the multiplications. */
export const MOST_SHARE_BY_TILES = 0.4;

/** Values of a matrix of windows, 128 MB: what a tower takes at pixels beyond what it takes everywhere is bounded. */
const MOST_VALUES = 32 * 2 ** 20;

/**
 * A runner with the outputs of the whole network. `reg<i>` are those of the whole at the candidates, and at other pixels 0 or
 * those of the whole. Calls run in the order in which they were made, and no more of them at a time than there are sessions: the
 * maps between the parts are held for these alone.
 */
export function createPartedRunner(parts: PartedRunnerParts): Runner {
  const { atOnce = 1 } = parts;
  const waiting: (() => void)[] = [];
  let running = 0;
  const turn = async (inputs: Tensors, options: NonNullable<RunOptions>): Promise<Tensors> => {
    if (running < atOnce) running++;
    else await new Promise<void>((begin) => waiting.push(begin));
    try {
      options.signal?.throwIfAborted();
      return await runParts(parts, inputs, options);
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
  return { run: (inputs, options = {}) => untilAborted(turn(inputs, options), options.signal) };
}

async function runParts(parts: PartedRunnerParts, inputs: Tensors, { signal, given, onRun }: NonNullable<RunOptions>) {
  const { tower, candidatePixels, mostShare = MOST_SHARE } = parts;
  let milliseconds = 0;
  const told: RunOptions = {
    ...(signal && { signal }),
    onRun: (alone) => {
      milliseconds += alone;
    },
  };
  const outputs = { ...(await parts.first.run(inputs, { ...told, ...(given && { given }) })) };
  const maps = tower.levels.map(({ map: { name } }): Tensor => {
    const map = outputs[name];
    delete outputs[name];
    if (map === undefined) throw new RangeError(`no output ${name}`);
    return map;
  });
  const wanted = Array.from({ length: maps[0]?.shape[0] ?? 0 }, (_, i) =>
    pixelsOf(tower, maps, candidatesOf(candidatePixels, outputs, i)),
  );
  const everywhere = wanted.map(({ share, most }) => share > mostShare || most > MOST_VALUES);
  if (everywhere.every((whole) => whole)) {
    const runner = await parts.towerEverywhere();
    Object.assign(outputs, await runner.run(named(tower, maps), { ...told, given: true }));
  } else {
    const boxes = maps.map((map, i): Tensor => {
      const shape = [map.shape[0] ?? 0, tower.levels[i]?.output.value.channels ?? 0, ...map.shape.slice(2)];
      return { shape, data: new Float32Array(elements(shape)) };
    });
    for (const [i, pixels] of wanted.entries()) {
      if (everywhere[i] === true) {
        const runner = await parts.towerEverywhere();
        const own = await runner.run(
          named(
            tower,
            maps.map((map) => pictureOf(map, i)),
          ),
          told,
        );
        for (const [level, { output }] of tower.levels.entries()) copyPicture(own[output.name], boxes[level], i);
      } else if (pixels.share > 0) {
        const { boxes: found } = await parts.towerAtPixels.run(towerInputs(tower.layers, pixels, maps, i), {
          ...told,
          given: true,
        });
        if (found !== undefined) placeBoxes(found, pixels, boxes, i);
      }
    }
    for (const [level, { output }] of tower.levels.entries()) {
      const map = boxes[level];
      if (map !== undefined) outputs[output.name] = map;
    }
  }
  onRun?.(milliseconds);
  return outputs;
}

function candidatesOf(candidatePixels: CandidatePixels, outputs: Tensors, index: number): readonly Int32Array[] {
  try {
    return candidatePixels(outputs, index);
  } catch (error) {
    // Decoding says so again, of this picture alone.
    if (isNan(error)) return [];
    throw error;
  }
}

function pixelsOf({ layers }: Tower, maps: readonly Tensor[], candidates: readonly Int32Array[]): TowerPixels {
  const sizes = maps.map(({ shape: [, , height = 0, width = 0] }) => ({ width, height }));
  return towerPixels(layers, sizes, candidates);
}

function named({ levels }: Tower, maps: readonly Tensor[]): Tensors {
  return Object.fromEntries(
    levels.flatMap(({ map: { name } }, i) => {
      const map = maps[i];
      return map === undefined ? [] : [[name, map] as const];
    }),
  );
}

/** A view of one picture of a batch. */
function pictureOf({ shape, data }: Tensor, index: number): Tensor {
  const own = [1, ...shape.slice(1)];
  const length = elements(own);
  return { shape: own, data: data.subarray(index * length, (index + 1) * length) };
}

function copyPicture(from: Tensor | undefined, into: Tensor | undefined, index: number): void {
  if (from !== undefined) into?.data.set(from.data, index * from.data.length);
}
