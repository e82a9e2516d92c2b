/** Labels straight from windows, held to those of all windows' logits, joined whole. */
import { describe, expect, test } from 'vitest';
import type { FrameTransform, Size } from '../../core/frame.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import { createSegmentationDecoder } from '../../decoding/segmentation_decoder.js';
import { windowPlaces } from '../../decoding/window_places.js';
import { labelsOfRows } from '../../tasks/sliding_labels.js';
import { slidingPicture } from '../../tasks/sliding_logits.js';
import { seededRandom } from '../random.js';

const random = seededRandom(7);
const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));

interface Geometry {
  /** What the windows lie over. */
  readonly seen: Size;
  readonly crop: Size;
  readonly stride: Size;
  readonly sizeDivisor?: number;
  readonly frame?: Partial<FrameTransform>;
}

interface Scores {
  readonly classes: number;
  readonly alignCorners?: boolean;
  /** Changes the scores of the window that comes as this one. */
  readonly change?: (data: Float32Array, window: number) => void;
}

/** Maps of a quarter of the windows' size; some classes far below others, as of a trained network, and some scores equal. */
function drawn({ seen, crop, stride, sizeDivisor = 1, frame }: Geometry, { classes, alignCorners, change }: Scores) {
  const decoder = createSegmentationDecoder({
    head: 'TestHead',
    output: 'logits',
    alignCorners: alignCorners === true,
    threshold: 0.3,
  });
  const level = Float32Array.from({ length: classes }, () => 12 * random());
  const seed = between(1, 2 ** 30);
  // Each window has the same scores every time.
  const run = () => {
    const own = seededRandom(seed);
    let window = 0;
    return async ({ shape: [n = 0, , h = 0, w = 0] }: Tensor) => {
      const [low, across] = [Math.ceil(h / 4), Math.ceil(w / 4)];
      const plane = low * across;
      const data = Float32Array.from({ length: n * classes * plane }, (_, i) => {
        const score = (level[Math.floor(i / plane) % classes] ?? 0) + 4 * Math.sin(i / 5) + own();
        return i % 3 === 0 ? Math.round(score) : score;
      });
      const length = classes * plane;
      for (let i = 0; i < n; i++) change?.(data.subarray(i * length, (i + 1) * length), window++);
      return { logits: tensor([n, classes, low, across], data) };
    };
  };
  const input = tensor([1, 3, seen.height, seen.width], new Float32Array(3 * seen.width * seen.height));
  const source = () => slidingPicture(input, { decoder, windows: { crop, stride }, sizeDivisor, run: run() }, 0);
  const whole = { original: seen, resized: seen, padded: seen, scaleX: 1, scaleY: 1, left: 0, top: 0, ...frame };
  return { decoder, source, frame: whole };
}

/** The labels of bands, which follow one another. */
async function straight({ source, frame }: ReturnType<typeof drawn>) {
  const labels = new Uint16Array(frame.original.width * frame.original.height);
  let next = 0;
  for await (const { rows, labels: some } of source().labels(frame)) {
    expect(rows.start).toBe(next);
    expect(some).toHaveLength((rows.end - rows.start) * frame.original.width);
    labels.set(some, rows.start * frame.original.width);
    next = rows.end;
  }
  expect(next).toBe(frame.original.height);
  return labels;
}

async function ofLogits({ source, frame, decoder }: ReturnType<typeof drawn>, { classes }: Scores) {
  const { logits } = source();
  return Uint16Array.from((await labelsOfRows({ logits }, frame, decoder, { classes })).labels);
}

/** Quicker than `toEqual` of so many numbers. */
function expectSame(made: Uint16Array, expected: Uint16Array) {
  expect(made).toHaveLength(expected.length);
  expect(made.findIndex((label, i) => label !== expected[i])).toBe(-1);
}

const square = (side: number): Size => ({ width: side, height: side });

const GEOMETRIES: readonly (readonly [name: string, Geometry])[] = [
  ['no overlap', { seen: square(128), crop: square(32), stride: square(32) }],
  ['two over one pixel each way', { seen: square(140), crop: square(48), stride: square(30) }],
  ['four rows over one pixel', { seen: square(120), crop: square(48), stride: square(13) }],
  ['nearly all of a window again', { seen: square(44), crop: square(32), stride: square(3) }],
  ['the last row and column moved back over two', { seen: square(101), crop: square(48), stride: square(32) }],
  ['moved back by all but a pixel', { seen: square(81), crop: square(48), stride: square(32) }],
  ['one window', { seen: square(40), crop: square(64), stride: square(40) }],
  ['one column', { seen: { width: 40, height: 150 }, crop: square(48), stride: square(20) }],
  ['one row', { seen: { width: 150, height: 40 }, crop: square(48), stride: square(20) }],
  ['windows padded for the network', { seen: square(101), crop: square(30), stride: square(21), sizeDivisor: 8 }],
  [
    'a smaller picture of what was seen',
    { seen: square(120), crop: square(40), stride: square(27), frame: { original: { width: 61, height: 47 } } },
  ],
  [
    'a larger one',
    { seen: square(90), crop: square(40), stride: square(27), frame: { original: { width: 160, height: 211 } } },
  ],
  [
    'inside of what was padded',
    {
      seen: square(120),
      crop: square(40),
      stride: square(27),
      frame: { resized: { width: 30, height: 41 }, original: { width: 30, height: 41 }, left: 37, top: 50 },
    },
  ],
];

test.each(GEOMETRIES)('%s: the labels that joined logits make', async (_, geometry) => {
  for (const [i, classes] of [1, 2, 9].entries()) {
    const scores = { classes, alignCorners: i % 2 === 1 };
    const case_ = drawn(geometry, scores);
    expectSame(await straight(case_), await ofLogits(case_, scores));
  }
});

test.each([1, 2, 9, 300])('%i classes: windows of any sizes', async (classes) => {
  for (let round = 0; round < (classes > 9 ? 2 : 12); round++) {
    const crop = { width: between(20, 90), height: between(20, 90) };
    const stride = { width: between(5, crop.width), height: between(5, crop.height) };
    const seen = { width: between(20, 150), height: between(20, 150) };
    const [left, top] = [between(0, seen.width >> 3), between(0, seen.height >> 3)];
    const resized = { width: between(1, seen.width - left), height: between(1, seen.height - top) };
    const original = between(0, 1) === 0 ? resized : { width: between(1, 150), height: between(1, 150) };
    const sizeDivisor = between(0, 1) === 0 ? 1 : 4;
    const scores = { classes, alignCorners: round % 2 === 0 };
    const case_ = drawn({ seen, crop, stride, sizeDivisor, frame: { original, resized, left, top } }, scores);
    expectSame(await straight(case_), await ofLogits(case_, scores));
  }
});

describe('scores that are no numbers to count with', () => {
  const geometry = { seen: square(101), crop: square(48), stride: square(32) };
  const outcome = (made: Promise<Uint16Array>) => made.catch((error: Error) => error.message);

  test.each([
    ['an infinite one', { 40: Number.NEGATIVE_INFINITY }],
    ['two whose sum is none', { 40: Number.NEGATIVE_INFINITY, 300: Number.POSITIVE_INFINITY }],
    ['sums beyond float32', { 40: 3e38, 41: 3e38, 60: -3e38 }],
  ])('%s: what the logits make of it', async (_, changes) => {
    for (let window = 0; window < 9; window += 2) {
      const scores: Scores = {
        classes: 3,
        change: (data, at) => {
          if (at !== window && at !== window + 3) return;
          for (const [place, score] of Object.entries(changes)) data[Number(place)] = score;
        },
      };
      const case_ = drawn(geometry, scores);
      expect(await outcome(straight(case_))).toEqual(await outcome(ofLogits(case_, scores)));
    }
  });

  test('NaN is an error', async () => {
    const change = (data: Float32Array) => void data.fill(Number.NaN);
    await expect(straight(drawn(geometry, { classes: 3, change }))).rejects.toMatchObject({ code: 'not-a-number' });
  });
});

test.each([
  ['512 every 341', 512, 341],
  ['512 every 512', 512, 512],
  ['1024 every 768', 1024, 768],
])('windows of %s: of a row of them the part is held that the next lies over', async (_, side, stride) => {
  const [classes, width, height] = [3, 5000, 2500];
  const decoder = createSegmentationDecoder({
    head: 'TestHead',
    output: 'logits',
    alignCorners: false,
    threshold: 0.3,
  });
  const size = { width, height };
  const places = windowPlaces(size, { crop: square(side), stride: square(stride) });
  const frame = { original: size, resized: size, padded: size, scaleX: 1, scaleY: 1, left: 0, top: 0 };
  const labels = decoder.joinedLabels(frame, { ...places, padded: places.size });
  const low = side / 4;
  // One class wins everywhere: there is nothing to enlarge.
  const scores = new Float32Array(classes * low * low).fill(9, low * low, 2 * low * low);
  let most = 0;
  let rows = 0;
  for (const top of places.tops) {
    for (const left of places.lefts) {
      const outputs = { logits: tensor([1, classes, low, low], scores) };
      for await (const band of labels.add({ left, top, outputs, index: 0 })) {
        expect(band.labels[0]).toBe(1);
        rows += band.rows.end - band.rows.start;
      }
      most = Math.max(most, labels.bytes);
    }
  }
  expect(rows).toBe(height);
  expect(labels.done).toBe(true);
  expect(labels.bytes).toBe(0);
  // With an eighth for bounds. The last row, moved back, may lie over more of the one before; two more rows of blocks each.
  const window = scores.byteLength * 1.125;
  const shared = places.tops.slice(1).map((top, i) => side - (top - (places.tops[i] ?? 0)));
  const part = Math.max(...shared.map((pixels) => (pixels === 0 ? 0 : pixels / 4 + 8))) / low;
  expect(most).toBeLessThan(window * (part * (places.lefts.length + 2) + 2));
});
