/** Label maps against a plain reference: every class, every pixel, whole pictures one after another. */
import { describe, expect, test } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import type { FrameTransform, Size } from '../../core/frame.js';
import { tensor } from '../../core/tensor.js';
import { decodeLabels } from '../../decoding/segmentation.js';
import { selectCandidates } from '../../decoding/segmentation_bounds.js';
import { seededRandom } from '../random.js';

interface Plane extends Size {
  readonly data: ArrayLike<number>;
}

/** Rows first, then columns, as one position after another; `round` is what the result is stored in. */
function resize(from: Plane, to: Size, alignCorners: boolean, round: (value: number) => number): Plane {
  const source = (length: number, target: number, i: number) => {
    const scale = alignCorners
      ? Math.fround(target > 1 ? (length - 1) / (target - 1) : 0)
      : Math.fround(length / target);
    const centred = Math.fround(Math.fround(scale * (i + 0.5)) - 0.5);
    const position = alignCorners ? Math.fround(scale * i) : Math.max(0, centred);
    const first = Math.min(Math.floor(position), length - 1);
    const share = Math.min(Math.fround(position - first), 1);
    return { first, second: Math.min(first + 1, length - 1), share, rest: Math.fround(1 - share) };
  };
  const at = (x: number, y: number) => from.data[y * from.width + x] ?? Number.NaN;
  const data = new Float64Array(to.width * to.height);
  for (let y = 0; y < to.height; y++) {
    const v = source(from.height, to.height, y);
    const row = Array.from({ length: from.width }, (_, x) =>
      Math.fround(at(x, v.first) * v.rest + at(x, v.second) * v.share),
    );
    for (let x = 0; x < to.width; x++) {
      const u = source(from.width, to.width, x);
      const [left = Number.NaN, right = Number.NaN] = [row[u.first], row[u.second]];
      data[y * to.width + x] = round(left * u.rest + right * u.share);
    }
  }
  return { ...to, data };
}

function crop({ data, width }: Plane, { left, top, resized }: FrameTransform): Plane {
  const kept = Array.from(
    { length: resized.width * resized.height },
    (_, i) =>
      data[(top + Math.floor(i / resized.width)) * width + left + (i % resized.width)] ?? Number.POSITIVE_INFINITY,
  );
  return { ...resized, data: kept };
}

interface Scores extends Size {
  readonly classes: number;
  readonly data: Float32Array;
}

function reference(
  { classes, width, height, data }: Scores,
  frame: FrameTransform,
  alignCorners: boolean,
  threshold = 0.3,
) {
  const start = classes === 1 ? Math.log(threshold / (1 - threshold)) : Number.NEGATIVE_INFINITY;
  const best = new Float32Array(frame.original.width * frame.original.height).fill(start);
  const labels = new Array<number>(best.length).fill(0);
  for (let c = 0; c < classes; c++) {
    const plane = { width, height, data: data.subarray(c * width * height, (c + 1) * width * height) };
    const enlarged = crop(resize(plane, frame.padded, alignCorners, Math.fround), frame);
    const { data: scores } = resize(enlarged, frame.original, alignCorners, (value) => value);
    for (let i = 0; i < best.length; i++) {
      const score = scores[i] ?? Number.NaN;
      if (score > (best[i] ?? Number.NaN)) {
        best[i] = score;
        labels[i] = classes === 1 ? 1 : c;
      }
    }
  }
  return labels;
}

const whole = (padded: Size, original: Size): FrameTransform => ({
  original,
  resized: padded,
  padded,
  scaleX: padded.width / original.width,
  scaleY: padded.height / original.height,
  left: 0,
  top: 0,
});

const decode = (scores: Scores, frame: FrameTransform, alignCorners = false, threshold = 0.3, signal?: AbortSignal) => {
  const { classes, width, height, data } = scores;
  return decodeLabels(tensor([1, classes, height, width], data), 0, frame, { alignCorners, threshold, signal });
};

/** How scores are drawn: of a random source, the class, and the position as shares of the sides. */
const kinds = {
  noise: (random) => () => 18 * random() - 9,
  smooth: (random) => {
    const waves = Array.from({ length: 512 }, () => [5 * random(), 5 * random(), 6 * random()] as const);
    return (c, x, y) => {
      const [a, b, phase] = waves[c] ?? [0, 0, 0];
      return 5 * Math.sin(a * x + b * y + phase) + (c % 7) + 0.1 * random();
    };
  },
  regions: (random) => (c, x, y) => ((Math.floor(3 * x) + 3 * Math.floor(3 * y)) % 12 === c ? 8 : -4) + random(),
  ties: (random) => () => Math.floor(3 * random()),
  'nearly ties': (random) => () => Math.fround(1 + Math.floor(3 * random()) * 2 ** -23),
  equal: () => () => -0.7,
  zeros: (random) => () => (random() < 0.5 ? 0 : -0),
  huge: (random) => () => (random() - 0.5) * 6.6e38,
  subnormal: (random) => () => Math.floor(9 * random()) * 2 ** -149,
  infinite: (random) => (c, x) =>
    random() < 0.02 ? (random() - 0.5) * Number.POSITIVE_INFINITY : 4 * Math.sin(c + 3 * x),
} satisfies Record<string, (random: () => number) => (c: number, x: number, y: number) => number>;

function draw(kind: keyof typeof kinds, random: () => number, classes: number, { width, height }: Size): Scores {
  const score: (c: number, x: number, y: number) => number = kinds[kind](random);
  const plane = width * height;
  const data = Float32Array.from({ length: classes * plane }, (_, i) =>
    score(Math.floor(i / plane), (i % width) / width, Math.floor((i % plane) / width) / height),
  );
  return { classes, width, height, data };
}

describe.each(Object.keys(kinds).filter((kind): kind is keyof typeof kinds => kind in kinds))('scores: %s', (kind) => {
  test.each([1, 2, 19, 150, 300])('%i classes: the labels of all classes compared everywhere', async (classes) => {
    const random = seededRandom(classes * 31 + kind.length);
    const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
    const side = classes > 100 ? 60 : 140;
    for (let round = 0; round < (classes > 100 ? 3 : 8); round++) {
      const low = { width: between(1, 24), height: between(1, 24) };
      const padded = { width: between(1, side), height: between(1, side) };
      const [left, top] = [between(0, (padded.width - 1) >> 2), between(0, (padded.height - 1) >> 2)];
      const resized = { width: between(1, padded.width - left), height: between(1, padded.height - top) };
      const drawn = { width: between(1, side), height: between(1, side) };
      // Where the picture has the size that the network saw, the second resize is left out.
      const original = round % 2 === 0 ? drawn : resized;
      const frame: FrameTransform = { original, resized, padded, scaleX: 1, scaleY: 1, left, top };
      const scores = draw(kind, random, classes, low);
      for (const alignCorners of [false, true]) {
        const { labels, width, height } = await decode(scores, frame, alignCorners);
        expect({ width, height }).toEqual(original);
        expect(labels).toBeInstanceOf(classes > 256 ? Uint16Array : Uint8Array);
        expect([...labels]).toEqual(reference(scores, frame, alignCorners));
      }
    }
  });
});

test('a stride of 4 and a larger original, where most classes are left out', async () => {
  const scores = draw('smooth', seededRandom(4), 40, { width: 40, height: 33 });
  const frame = whole({ width: 160, height: 132 }, { width: 333, height: 251 });
  const { labels } = await decode(scores, frame);
  expect(new Set(labels).size).toBeGreaterThan(5);
  expect([...labels]).toEqual(reference(scores, frame, false));
});

test.each([
  [1 + 2 ** -23, [0, 1]],
  [1.00001, [1]],
  [Number.NaN, [0, 1]],
])('a class of 1 beside one of %d: what rounding could turn round is kept', (score, kept) => {
  const from = { classes: Int32Array.of(0, 1), count: 2, floor: Number.NEGATIVE_INFINITY };
  const into = { classes: new Int32Array(2), count: 0, floor: 0 };
  const values = Float64Array.of(1, score);
  selectCandidates({ smallest: values, largest: values }, from, into);
  expect([...into.classes.subarray(0, into.count)]).toEqual(kept);
});

test('an infinite score of no share is NaN and does not win', async () => {
  const scores = { classes: 2, width: 2, height: 1, data: new Float32Array([1, 1, 5, Number.POSITIVE_INFINITY]) };
  expect([...(await decode(scores, whole(scores, { width: 2, height: 1 }))).labels]).toEqual([0, 0]);
});

test.each([1, 3])('%i classes, and one score that is NaN: an error, for its picture alone', async (classes) => {
  const data = new Float32Array(2 * classes * 12);
  data[classes * 12 + 7] = Number.NaN;
  const frame = whole({ width: 16, height: 12 }, { width: 16, height: 12 });
  const scores = tensor([2, classes, 3, 4], data);
  const options = { alignCorners: false, threshold: 0.3 };
  expect((await decodeLabels(scores, 0, frame, options)).labels).toHaveLength(192);
  await expect(decodeLabels(scores, 1, frame, options)).rejects.toMatchObject({ code: 'not-a-number' });
});

test('the picture of the batch that was asked for', async () => {
  const data = new Float32Array([1, 0, 0, 1]);
  const frame = whole({ width: 2, height: 2 }, { width: 3, height: 1 });
  for (const index of [0, 1]) {
    const { labels } = await decodeLabels(tensor([2, 2, 1, 1], data), index, frame, {
      alignCorners: false,
      threshold: 0.3,
    });
    expect([...labels]).toEqual([index, index, index]);
  }
});

test.each([
  [0, [1, 1]],
  [0.5, [0, 1]],
  [1, [0, 0]],
  [1.5, [0, 0]],
])('one channel: 1 where the probability is over %d', async (threshold, expected) => {
  const scores = { classes: 1, width: 2, height: 1, data: new Float32Array([0, 0.1]) };
  const { labels } = await decode(scores, whole(scores, { width: 2, height: 1 }), false, threshold);
  expect([...labels]).toEqual(expected);
});

describe('what cannot be', () => {
  const scores = { classes: 2, width: 4, height: 4, data: new Float32Array(32) };
  const size = { width: 16, height: 16 };
  test.each([
    { left: -1, top: 0 },
    { left: 0, top: -2 },
    { left: 1, top: 0 },
    { left: 0, top: 3 },
  ])('a crop that leaves the padded size: $left, $top', async (place) => {
    await expect(decode(scores, { ...whole(size, size), ...place })).rejects.toThrow(
      /decodeLabels: expected a picture inside the padded 16x16/,
    );
  });
  test('a picture that the batch lacks', async () => {
    const options = { alignCorners: false, threshold: 0.3 };
    const missing = decodeLabels(tensor([1, 2, 4, 4], scores.data), 1, whole(size, size), options);
    await expect(missing).rejects.toBeInstanceOf(LowformerError);
  });
});

describe('150 classes of noise, 2048x1536', () => {
  const scores = draw('noise', seededRandom(9), 150, { width: 128, height: 128 });
  const frame = whole({ width: 512, height: 512 }, { width: 2048, height: 1536 });

  /** Milliseconds of the longest time in which nothing else had its turn. */
  async function longestGap(): Promise<number> {
    let [last, longest] = [performance.now(), 0];
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    await decode(scores, frame);
    clearInterval(timer);
    return longest;
  }

  test('the event loop has its turn', async () => {
    // Other processes lengthen a gap and never shorten one: the least of some runs is nearest to what is our own.
    const gaps: number[] = [];
    while (gaps.length < 5 && Math.min(...gaps) >= 50) gaps.push(await longestGap());
    console.info(`longest gaps ${gaps.map((gap) => gap.toFixed(1)).join(' ')} ms`);
    expect(Math.min(...gaps)).toBeLessThan(50);
  });

  test('stops when aborted, before or meanwhile', async () => {
    await expect(decode(scores, frame, false, 0.3, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 30);
    const started = performance.now();
    await expect(decode(scores, frame, false, 0.3, stop.signal)).rejects.toThrow('enough');
    expect(performance.now() - started).toBeLessThan(500);
  });
});
