/** `topRows` against sorting everything, in both engines. */
import { describe, expect, test } from 'vitest';
import { type Tensor, tensor } from '../../core/tensor.js';
import { createEngine } from '../../engines/index.js';
import { graphBuilder } from '../../graph/builder.js';
import { seededRandom } from '../random.js';
import { formulaNetwork, onnxBytes, runNetwork, runOnnx } from '../run_network.js';

const LEVELS = [
  [5, 4],
  [2, 3],
] as const;

interface Case {
  readonly priors: number;
  readonly classes: number;
  readonly says: number;
  readonly most: number;
}

function networkOf({ priors, classes, says, most }: Case) {
  const g = graphBuilder();
  const rows = LEVELS.map((_, i) => {
    const maps = [g.input(`cls${i}`, priors * classes), g.input(`reg${i}`, priors * says)];
    return g.emit('topRows', maps, { priors, most });
  });
  const [first, second] = rows;
  if (first === undefined || second === undefined) throw new Error('two levels');
  return formulaNetwork(g.finish([{ name: 'rows', value: g.emit('joinRows', [first, second], {}) }]));
}

/** Steps of a half, so that many are equal. */
function mapsOf({ priors, classes, says }: Case, pictures: number, random: () => number) {
  const map = (channels: number, height: number, width: number) => {
    const shape = [pictures, channels, height, width];
    const data = Float32Array.from(
      { length: pictures * channels * height * width },
      () => Math.floor(random() * 9) / 2,
    );
    return tensor(shape, data);
  };
  return Object.fromEntries(
    LEVELS.flatMap(([height, width], i) => [
      [`cls${i}`, map(priors * classes, height, width)] as const,
      [`reg${i}`, map(priors * says, height, width)] as const,
    ]),
  );
}

/** The rows of one level of one picture. */
function byLoop(scores: Tensor, deltas: Tensor, picture: number, { priors, classes, says, most }: Case) {
  const [, , height = 0, width = 0] = scores.shape;
  const pixels = height * width;
  const rows = Array.from({ length: pixels * priors }, (_, place) => {
    const [pixel, prior] = [Math.floor(place / priors), place % priors];
    const numbers = ({ data }: Tensor, count: number) =>
      Array.from({ length: count }, (__, i) => data[((picture * priors + prior) * count + i) * pixels + pixel] ?? 0);
    return { place, scores: numbers(scores, classes), deltas: numbers(deltas, says) };
  });
  const rank = ({ scores: own }: (typeof rows)[number]) =>
    own.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...own);
  const sorted = rows.toSorted((a, b) => (rank(a) === rank(b) ? a.place - b.place : rank(b) - rank(a)));
  return sorted.slice(0, most).map((row) => [row.place, ...row.scores, ...row.deltas]);
}

/** [N, F, K, 1] as rows of each picture. */
function rowsOf({ shape, data }: Tensor): number[][][] {
  const [pictures = 0, numbers = 0, count = 0] = shape;
  return Array.from({ length: pictures }, (_, n) =>
    Array.from({ length: count }, (__, row) =>
      Array.from({ length: numbers }, (___, f) => data[(n * numbers + f) * count + row] ?? 0),
    ),
  );
}

const CASES: readonly Case[] = [
  { priors: 1, classes: 3, says: 5, most: 7 },
  { priors: 3, classes: 4, says: 4, most: 11 },
  { priors: 2, classes: 1, says: 4, most: 1000 },
];

describe.each(CASES)('%o', (given) => {
  const inputs = mapsOf(given, 2, seededRandom(given.most));
  const nothing = tensor([0, 0, 0, 0], new Float32Array());
  const expected = [0, 1].map((n) =>
    LEVELS.flatMap((_, i) => byLoop(inputs[`cls${i}`] ?? nothing, inputs[`reg${i}`] ?? nothing, n, given)),
  );

  test('ONNX Runtime', async () => {
    const { rows = nothing } = await runNetwork(networkOf(given), inputs);
    expect(rowsOf(rows)).toEqual(expected);
  });

  test('TensorFlow.js', async () => {
    await using engine = await createEngine('tfjs', networkOf(given), { device: 'cpu' });
    const { rows = nothing } = await engine.run(inputs);
    expect(rowsOf(rows)).toEqual(expected);
  });

  test('places are whole in float16, whose rounding these numbers survive', async () => {
    const { rows = nothing } = await runOnnx(onnxBytes(networkOf(given), 'float16'), inputs);
    expect(rowsOf(rows)).toEqual(expected);
  });
});

test('a prior with NaN comes first', async () => {
  const given = { priors: 1, classes: 3, says: 4, most: 2 };
  const inputs = mapsOf(given, 1, seededRandom(4));
  const { cls0 } = inputs;
  if (cls0 === undefined) throw new Error('no map');
  // Class 1 of pixel 13.
  cls0.data[20 + 13] = Number.NaN;
  const { rows } = await runNetwork(networkOf(given), inputs);
  expect(rows === undefined ? [] : rowsOf(rows)[0]?.[0]?.slice(0, 3)).toEqual([13, expect.any(Number), Number.NaN]);
});
