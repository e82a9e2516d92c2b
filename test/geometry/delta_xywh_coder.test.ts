import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createDeltaXywhCoder, deltaXywhCoderSchema } from '../../geometry/delta_xywh_coder.js';
import { randomBoxes, seededRandom } from '../random.js';
import { readSafetensors } from '../read_safetensors.js';

const fixture = (name: string) => new URL(`../fixtures/boxes/${name}`, import.meta.url);
const cases = z
  .array(z.object({ max_shape_h_w: z.tuple([z.number(), z.number()]) }).loose())
  .parse(JSON.parse(readFileSync(fixture('coder.json'), 'utf8')))
  .map(({ max_shape_h_w: [height, width], type: _, ...config }) => ({
    limits: { width, height },
    codec: createDeltaXywhCoder(deltaXywhCoderSchema.parse(config)),
  }));
const plain = createDeltaXywhCoder(deltaXywhCoderSchema.parse({}));

/** The largest distance; in `relative` form, of what is over 1, in parts of it. */
function furthest(actual: Float32Array, expected: Float32Array, relative: boolean): number {
  expect(actual.length).toBe(expected.length);
  return actual.reduce((worst, value, i) => {
    const reference = expected[i] ?? 0;
    // A box without width has a logarithm of -Infinity on both sides.
    if (Object.is(value, reference)) return worst;
    return Math.max(worst, Math.abs(value - reference) / (relative ? Math.max(1, Math.abs(reference)) : 1));
  }, 0);
}

describe("mmdet's DeltaXYWHBBoxCoder", () => {
  const reference = readSafetensors(fixture('coder.safetensors'));
  const [priors, boxes, deltas] = ['priors', 'boxes', 'deltas'].map((name) => reference.float32(name).data);
  if (!priors || !boxes || !deltas) throw new Error('fixture');

  it.each(cases.map(({ codec, limits }, i) => ({ i, codec, limits })))('codec $i', ({ i, codec, limits }) => {
    // PyTorch's exp and log may differ from the correctly rounded ones by a step of float32: in the deltas that is
    // 2^-23 of the value (rounded again when divided), in a box of 256 to 512 pixels it is 2^-15 pixels.
    const encoded = codec.encode(priors, boxes);
    expect(furthest(encoded, reference.float32(`encoded${i}`).data, true)).toBeLessThanOrEqual(2 * 2 ** -23);
    const decoded = codec.decode(priors, deltas, { limits });
    expect(furthest(decoded, reference.float32(`decoded${i}`).data, false)).toBeLessThanOrEqual(2 ** -15);
  });
});

describe('properties', () => {
  const random = seededRandom(5);
  const priors = randomBoxes(random, 300, 500);
  const boxes = randomBoxes(random, 300, 500);

  it('decode(encode(x)) is x', () => {
    const decoded = plain.decode(priors, plain.encode(priors, boxes), { sizeRatioClip: 1e-6 });
    decoded.forEach((value, i) => {
      expect(Math.abs(value - (boxes[i] ?? 0))).toBeLessThan(5e-4);
    });
  });

  it('deltas of 0 are the prior itself', () => {
    const whole = priors.map(Math.round);
    expect(plain.decode(whole, new Float32Array(whole.length))).toEqual(whole);
  });

  it('bounds the change of size both ways', () => {
    const prior = new Float32Array([0, 0, 16, 16]);
    const [x1 = 0, , x2 = 0] = plain.decode(prior, new Float32Array([0, 0, 100, 100]));
    expect(x2 - x1).toBeCloseTo(1000, 3);
    const [left = 0, , right = 0] = plain.decode(prior, new Float32Array([0, 0, -100, -100]));
    expect(right - left).toBeCloseTo(0.256, 5);
  });

  it('clips only when both the codec and the call say so', () => {
    const prior = new Float32Array([-8, -8, 24, 40]);
    const zero = new Float32Array(4);
    expect([...plain.decode(prior, zero, { limits: { width: 20, height: 30 } })]).toEqual([0, 0, 20, 30]);
    const open = createDeltaXywhCoder(deltaXywhCoderSchema.parse({ clip_border: false }));
    expect(open.decode(prior, zero, { limits: { width: 20, height: 30 } })).toEqual(prior);
    expect(plain.decode(prior, zero)).toEqual(prior);
  });

  it('bounds the shift of the centre for YOLOF', () => {
    const codec = createDeltaXywhCoder(deltaXywhCoderSchema.parse({ add_ctr_clamp: true, ctr_clamp: 32 }));
    const decoded = codec.decode(new Float32Array([0, 0, 100, 100]), new Float32Array([2, -2, 0, 0]));
    expect([...decoded]).toEqual([32, -32, 132, 68]);
  });
});

describe('refusals', () => {
  it('lengths that differ', () => {
    expect(() => plain.decode(new Float32Array(8), new Float32Array(4))).toThrow(
      'delta coder: decode: expected four numbers for each of 2 priors but received 4',
    );
  });

  it.each([
    ['a standard deviation of 0', { target_stds: [0, 1, 1, 1] }],
    ['three means', { target_means: [0, 0, 0] }],
    ['an unknown key', { clip: true }],
  ])('%s', (_, config) => {
    expect(deltaXywhCoderSchema.safeParse(config).success).toBe(false);
  });
});
