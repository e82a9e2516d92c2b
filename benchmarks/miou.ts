/**
 * Pixels a second that are scored, one thread, maps in memory: `npx jiti benchmarks/miou.ts [runs]`.
 * The bar: 200 million at 19 and at 150 classes. Runs of all cases are interleaved.
 */
import { cpus } from 'node:os';
import { splitMix } from '../core/random.js';
import { createSegmentationMetrics, type LabelMap } from '../evaluation/segmentation_metrics.js';

interface Case {
  readonly name: string;
  readonly numClasses: number;
  readonly reduceZeroLabel: boolean;
  readonly truth: LabelMap;
  readonly prediction: LabelMap;
}

const PIXELS_A_RUN = 16e6;
const cases: readonly Case[] = [
  scene('Cityscapes-like, regions', 19, 2048, 1024, 40),
  scene('Cityscapes-like, noise', 19, 2048, 1024, 1),
  scene('ADE20K-like, regions', 150, 683, 512, 40),
  scene('ADE20K-like, noise', 150, 683, 512, 1),
  wide(scene('ADE20K-like, 16 bit', 150, 683, 512, 40)),
];

const runs = Number(process.argv[2] ?? 15);
const rates = cases.map((): number[] => []);
for (let run = -2; run < runs; run++) {
  cases.forEach(({ numClasses, reduceZeroLabel, truth, prediction }, i) => {
    const metrics = createSegmentationMetrics({ numClasses, reduceZeroLabel });
    const pictures = Math.ceil(PIXELS_A_RUN / truth.labels.length);
    const start = performance.now();
    for (let picture = 0; picture < pictures; picture++) metrics.add(`${picture}`, truth, prediction);
    metrics.result();
    if (run >= 0) rates[i]?.push((pictures * truth.labels.length) / (performance.now() - start) / 1000);
  });
}

console.log(
  `${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}, ${runs} runs, million pixels a second`,
);
cases.forEach(({ name, numClasses, truth }, i) => {
  const sorted = (rates[i] ?? []).toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? Number.NaN;
  const slowest = sorted[0] ?? Number.NaN;
  const what = `${name}, ${numClasses} classes, ${truth.width}x${truth.height}`;
  console.log(`${what.padEnd(56)} median ${median.toFixed(0)}  slowest ${slowest.toFixed(0)}`);
});

/** Classes in runs of `length` pixels on average; one run in ten is predicted wrongly, and 3 % of the truth is ignored. */
function scene(name: string, numClasses: number, width: number, height: number, length: number): Case {
  const reduceZeroLabel = numClasses === 150;
  const labels = new Uint8Array(width * height);
  const predictions = new Uint8Array(width * height);
  const random = splitMix(1);
  const below = (limit: number) => Math.floor(random() * limit);
  for (let i = 0; i < labels.length; ) {
    const classIndex = below(numClasses);
    const predicted = below(10) === 0 ? below(numClasses) : classIndex;
    const end = Math.min(labels.length, i + 1 + below(2 * length - 1));
    const label = reduceZeroLabel ? classIndex + 1 : classIndex;
    labels.fill(below(100) < 3 ? 255 : label, i, end);
    predictions.fill(predicted, i, end);
    i = end;
  }
  const size = { width, height };
  const maps = { truth: { ...size, labels }, prediction: { ...size, labels: predictions } };
  return { name, numClasses, reduceZeroLabel, ...maps };
}

function wide(narrow: Case): Case {
  const widened = (map: LabelMap): LabelMap => ({ ...map, labels: Uint16Array.from(map.labels) });
  return { ...narrow, truth: widened(narrow.truth), prediction: widened(narrow.prediction) };
}
