/** A detector whose box tower runs where candidates are, against the same network whole. */
import { SHIPPED_CONFIGS } from '../configs/index.js';
import type { Tensor } from '../core/tensor.js';
import { createEngine } from '../engines/index.js';
import { threadLimit } from '../engines/thread/threads.js';
import { findTower } from '../graph/towers.js';
import { median, noise, othersIn, ratios, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { deployedPasses } from '../models/deployed_passes.js';
import type { CandidatePixels } from '../registry/define.js';
import { buildModel } from '../tasks/build_model.js';
import { deploy, deployParts } from '../tasks/deploy.js';
import { createPartedRunner, MOST_SHARE_BY_TILES } from '../tasks/parted_runner.js';
import { formulaNetwork } from '../test/run_network.js';
import { processorTimes } from './processor_times.js';
import { bar, type Report } from './report.js';

const WARM_UP = 2;
const SIDE = 512;

/** Squares of 8x8 pixels, of which every `every`th has a candidate in its middle. */
function inSquares(every: number): CandidatePixels {
  return (outputs) =>
    levelsOf(outputs).map(([height, width]) => {
      const found: number[] = [];
      let square = 0;
      for (let y = 0; y < height; y += 8) {
        for (let x = 0; x < width; x += 8) {
          const middle = Math.min(height - 1, y + 4) * width + Math.min(width - 1, x + 4);
          if (square++ % every === 0) found.push(middle);
        }
      }
      return Int32Array.from(found);
    });
}

/** One object: candidates in a square of a quarter of the side. */
const oneObject: CandidatePixels = (outputs) =>
  levelsOf(outputs).map(([height, width]) => {
    const [bottom, right] = [Math.ceil(height / 4), Math.ceil(width / 4)];
    return Int32Array.from({ length: bottom * right }, (_, i) => Math.floor(i / right) * width + (i % right));
  });

const everywhere: CandidatePixels = (outputs) =>
  levelsOf(outputs).map(([height, width]) => Int32Array.from({ length: height * width }, (_, i) => i));

const CASES: readonly (readonly [name: string, candidatePixels: CandidatePixels, limit: number | undefined])[] = [
  ['no candidate', (outputs) => levelsOf(outputs).map(() => new Int32Array()), 0.8],
  ['one object, a sixteenth of every level', oneObject, 0.85],
  ['one in every eighth square of 8x8', inSquares(8), undefined],
  ['one in every other square of 8x8', inSquares(2), undefined],
  ['everywhere', everywhere, 1.05],
];

/** The bar: less time where there is little, and never a twentieth more. */
export async function benchmarkBoxTower(rounds = 12): Promise<Report> {
  const { model: tree } = SHIPPED_CONFIGS['retinanet_lowformer-b1_fpn_1x_coco'];
  const model = buildModel(tree);
  const tower = findTower(model.graph);
  if (tower === undefined) throw new RangeError('no tower');
  const { parameters } = formulaNetwork(model.graph);
  const use = {
    inputs: { kind: 'fixed', sizes: [{ height: SIDE, width: SIDE }] },
    passes: deployedPasses('onnxruntime', 'cpu'),
  } as const;
  const parts = deployParts(model, parameters, tower, use);
  const options = { device: 'cpu' };
  await using whole = await createEngine('onnxruntime', deploy(model, parameters, use), options);
  await using first = await createEngine('onnxruntime', parts.first, options);
  await using towerAtPixels = await createEngine('onnxruntime', parts.towerAtPixels, options);
  await using last = await createEngine('onnxruntime', parts.towerEverywhere, options);
  const input: Tensor = {
    shape: [1, 3, SIDE, SIDE],
    data: new Float32Array(3 * SIDE * SIDE).map(noise(-2, 2)),
  };
  const processor = processorTimes();
  const runners = CASES.map(([, candidatePixels]) =>
    createPartedRunner({
      tower,
      first,
      towerAtPixels,
      towerEverywhere: async () => last,
      candidatePixels,
      mostShare: MOST_SHARE_BY_TILES,
    }),
  );
  const contestants = [whole, ...runners].map((runner, i) => processor.timed(i, () => runner.run({ input })));
  const laps = await takeTurns(contestants, { rounds, warmUp: WARM_UP });
  const dense = timesOf(laps, 0);
  return {
    title: 'The box tower at pixels against everywhere',
    how: `RetinaNet-LowFormer-B1, ${SIDE}x${SIDE}, batch 1, ${threadLimit().threads} threads; ${rounds} rounds in turns after ${WARM_UP} to warm up, milliseconds. Candidates are placed by hand; the time has choosing the pixels, gathering and placing in it. "ratio" is the median of parted / whole round by round, "processor" the ratio of the medians of the processor's time. Other processes took ${othersIn(laps)} of the processors at most.`,
    rows: CASES.map(([candidates, , limit], i) => {
      const ratio = median(ratios(timesOf(laps, i + 1), dense));
      return {
        candidates,
        parted: median(timesOf(laps, i + 1)),
        whole: median(dense),
        ratio,
        processor: processor.median(i + 1, WARM_UP) / processor.median(0, WARM_UP),
        ...bar(ratio, limit),
      };
    }),
  };
}

function levelsOf(outputs: Readonly<Record<string, Tensor>>): readonly (readonly [height: number, width: number])[] {
  const sizes: (readonly [number, number])[] = [];
  for (let level = 0; ; level++) {
    const [, , height, width] = outputs[`cls${level}`]?.shape ?? [];
    if (height === undefined || width === undefined) return sizes;
    sizes.push([height, width]);
  }
}
