/** Time of the label map alone: 150 classes, logits 128x128, enlarged to 512x512 and to the picture's own size. */
import { tensor } from '../core/tensor.js';
import { decodeLabels } from '../decoding/segmentation.js';
import { median, minimum, noise, othersIn, spread, takeTurns, timesOf } from '../measuring/timing/measure.js';
import type { Report } from './report.js';

const CLASSES = 150;
const SIDE = 128;
const padded = { width: 512, height: 512 };
const pictures = [
  { width: 512, height: 512 },
  { width: 683, height: 512 },
  { width: 2048, height: 1536 },
];

/** No bar: the time is there to be watched. */
export async function benchmarkSegmentationDecode(rounds = 7): Promise<Report> {
  const shape = [1, CLASSES, SIDE, SIDE];
  const kinds = [
    { scores: 'noise', logits: tensor(shape, new Float32Array(CLASSES * SIDE * SIDE).map(noise(-9, 9))) },
    { scores: 'regions', logits: tensor(shape, regionScores()) },
  ];
  const options = { alignCorners: false, threshold: 0.3 };
  const cases = kinds.flatMap((kind) => pictures.map((original) => ({ ...kind, original })));
  const laps = await takeTurns(
    cases.map(({ logits, original }) => {
      const [scaleX, scaleY] = [padded.width / original.width, padded.height / original.height];
      const frame = { original, resized: padded, padded, scaleX, scaleY, left: 0, top: 0 };
      return () => decodeLabels(logits, 0, frame, options);
    }),
    { rounds, warmUp: 2 },
  );
  return {
    title: 'Segmentation decode',
    how: `150 classes: logits 128x128, bilinear to 512x512, bilinear to the picture, argmax; one thread. "noise": uniform, no class can be left out anywhere. "regions": 40 regions of 12 classes, low-pass filtered, with noise in all classes. ${rounds} rounds after 2 to warm up, milliseconds; other processes took ${othersIn(laps)} of the processors at most.`,
    rows: cases.map(({ scores, original: { width, height } }, i) => {
      const own = timesOf(laps, i);
      return { scores, picture: `${width}x${height}`, median: median(own), minimum: minimum(own), spread: spread(own) };
    }),
  };
}

/**
 * Drawn, but of the shape that a trained network's have: 40 regions, each where one of its points is the nearest, of 12
 * of the classes; a class is 12 higher in its regions, has a bias of its own and noise everywhere, and is low-pass
 * filtered.
 */
function regionScores(): Float32Array {
  const random = noise(0, 1, 5);
  const points = Array.from({ length: 40 }, () => ({
    x: random() * SIDE,
    y: random() * SIDE,
    label: Math.floor(random() * 12),
  }));
  const plane = SIDE * SIDE;
  const regions = Uint8Array.from({ length: plane }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const nearest = points.reduce((a, b) => (Math.hypot(a.x - x, a.y - y) <= Math.hypot(b.x - x, b.y - y) ? a : b));
    return nearest.label;
  });
  const scores = new Float32Array(CLASSES * plane);
  for (let c = 0; c < CLASSES; c++) {
    const bias = -2 - 4 * random();
    const rough = Float32Array.from(regions, (label) => bias + (label === c ? 12 : 0) + 14 * (random() - 0.5));
    scores.set(lowPass(lowPass(rough)), c * plane);
  }
  return scores;
}

/** The mean of 3x3 positions, the edge repeated. */
function lowPass(from: Float32Array): Float32Array {
  const inside = (i: number) => Math.min(Math.max(i, 0), SIDE - 1);
  return from.map((_, i) => {
    let sum = 0;
    for (const dy of [-1, 0, 1]) {
      const row = inside(Math.floor(i / SIDE) + dy) * SIDE;
      for (const dx of [-1, 0, 1]) sum += from[row + inside((i % SIDE) + dx)] ?? 0;
    }
    return sum / 9;
  });
}
