/** Boxes and label maps move with the pixels: held to mmdet and mmcv, and to what can be seen in the picture. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { LabelMap, RgbImage } from '../../core/frame.js';
import { prepareFrame, testPipelineSchema } from '../../steps/pipeline.js';
import { formulaPicture, imageFixture, sha256 } from '../images/formula_picture.js';
import { seededRandom } from '../random.js';

const prepare = (image: RgbImage, steps: readonly unknown[], boxes: readonly number[], labelMap: LabelMap) => {
  const labels = new Int32Array(boxes.length / 4);
  const annotations = { objects: { boxes: Float32Array.from(boxes), labels }, labelMap };
  return prepareFrame(image, testPipelineSchema().parse(steps), annotations);
};

const number = z.number();
const four = z.tuple([number, number, number, number]);
const { shares, cases } = imageFixture(
  'mmdet_annotations.json',
  z.object({
    /** Of width and height; some reach over the border. */
    shares: z.array(four),
    cases: z.array(
      z.object({
        picture: z.tuple([number, number, number]),
        steps: z.array(z.looseObject({ type: z.string() })),
        size: z.tuple([number, number]),
        boxes: z.array(four),
        labels: z.string(),
      }),
    ),
  }),
);

describe("mmdet 3.3's Resize, mmcv 2.1's Pad and CenterCrop", () => {
  const titled = cases.map((entry) => ({ ...entry, title: JSON.stringify(entry.steps) }));
  test.each(titled)('$title of $picture', ({ picture: [width, height, seed], steps, size, boxes, labels }) => {
    const image = formulaPicture(width, height, seed);
    // The red channel serves as labels.
    const map = { width, height, labels: image.data.filter((_, i) => i % 3 === 0) };
    const given = shares.flatMap(([x1, y1, x2, y2]) => [x1 * width, y1 * height, x2 * width, y2 * height]);
    const { pixels, annotations } = prepare(image, steps, given, map);
    expect([pixels.width, pixels.height]).toEqual(size);
    expect([...(annotations.objects?.boxes ?? [])]).toEqual(boxes.flat());
    expect([annotations.labelMap?.width, annotations.labelMap?.height]).toEqual(size);
    expect(sha256(Uint8Array.from(annotations.labelMap?.labels ?? []))).toBe(labels);
  });
});

/** Where a rectangle can be seen: x1, y1, x2, y2 of the pixels that satisfy a condition. */
function extent(width: number, height: number, isInside: (pixel: number) => boolean): readonly number[] {
  const inside = Array.from({ length: width * height }, (_, i) => i).filter(isInside);
  const columns = inside.map((i) => i % width);
  const rows = inside.map((i) => Math.floor(i / width));
  return [Math.min(...columns), Math.min(...rows), Math.max(...columns) + 1, Math.max(...rows) + 1];
}

/**
 * How far an edge that is seen may lie from the box: each resize adds a pixel, since the nearest one is chosen at a
 * corner and half covered ones go either way, and stretches what was there before it.
 */
function edgeError(scales: readonly number[]): number {
  return scales.reduce((error, scale, i) => {
    const ratio = scale / (scales[i - 1] ?? 1);
    return ratio === 1 ? error : error * ratio + 1;
  }, 0);
}

describe('a painted rectangle', () => {
  const random = seededRandom(5);
  const integer = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const sizing = [
    () => ({ type: 'Resize', scale: [integer(60, 160), integer(60, 160)], keep_ratio: random() < 0.5 }),
    () => ({ type: 'Resize', scale: [90, 70], backend: 'pillow', interpolation: 'bicubic' }),
    () => ({ type: 'Resize', scale_factor: 0.8 + random() }),
    () => ({ type: 'ResizeEdge', scale: integer(60, 120) }),
    () => ({ type: 'ResizeToMultiple', size_divisor: integer(8, 32) }),
    () => ({ type: 'Pad', size_divisor: integer(2, 64) }),
    () => ({ type: 'Pad', pad_to_square: true, pad_val: { img: 0, seg: 255 } }),
  ];
  const crop = () => ({ type: 'CenterCrop', crop_size: [integer(90, 200), integer(90, 200)] });
  const runs = Array.from({ length: 40 }, (_, run) => {
    const steps = Array.from({ length: integer(1, 3) }, () => sizing[integer(0, sizing.length - 1)]?.());
    return { run, steps: random() < 0.4 ? [...steps, crop()] : steps };
  });

  test.each(runs)('stays under its box, and so do its labels: $steps', ({ steps }) => {
    const [width, height] = [integer(70, 130), integer(70, 130)];
    const [x1, y1] = [integer(25, 40), integer(25, 40)];
    const [x2, y2] = [x1 + integer(12, 25), y1 + integer(12, 25)];
    const within = (i: number) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return x >= x1 && x < x2 && y >= y1 && y < y2;
    };
    const image = {
      width,
      height,
      data: new Uint8Array(width * height * 3).map((_, i) => (within(Math.floor(i / 3)) ? 250 : 0)),
    };
    const map = { width, height, labels: new Uint8Array(width * height).map((_, i) => (within(i) ? 3 : 0)) };
    const { pixels, annotations, transform } = prepare(image, steps, [x1, y1, x2, y2], map);
    const box = [...(annotations.objects?.boxes ?? [])];
    const painted = extent(pixels.width, pixels.height, (i) => (pixels.data[i * 3] ?? 0) >= 125);
    const labelled = extent(pixels.width, pixels.height, (i) => annotations.labelMap?.labels[i] === 3);
    const scales = steps.map((_, i) => prepare(image, steps.slice(0, i + 1), [], map).transform);
    for (const [i, edge] of box.entries()) {
      const most = edgeError(scales.map(({ scaleX, scaleY }) => (i % 2 === 0 ? scaleX : scaleY)));
      expect(Math.abs(edge - (painted[i] ?? Number.NaN))).toBeLessThanOrEqual(most);
      expect(Math.abs(edge - (labelled[i] ?? Number.NaN))).toBeLessThanOrEqual(most);
    }
    // The way back that decoders take leads to where it was painted, as far as it was not cut off.
    const way = (value: number, i: number) =>
      i % 2 === 0 ? (value - transform.left) / transform.scaleX : (value - transform.top) / transform.scaleY;
    for (const [i, edge] of [x1, y1, x2, y2].entries()) {
      const seen = [way(0, i), way(i % 2 === 0 ? pixels.width : pixels.height, i)] as const;
      expect(way(box[i] ?? Number.NaN, i)).toBeCloseTo(Math.max(seen[0], Math.min(seen[1], edge)), 3);
    }
  });
});

describe('label maps', () => {
  const image = formulaPicture(2, 1, 1);
  const map = { width: 2, height: 1, labels: Uint8Array.of(1, 2) };
  const labels = (...steps: unknown[]) => [...(prepare(image, steps, [], map).annotations.labelMap?.labels ?? [])];

  test('Pad adds 255, or what pad_val.seg says, whatever the picture gets', () => {
    expect(labels({ type: 'Pad', size: [3, 2] })).toEqual([1, 2, 255, 255, 255, 255]);
    expect(labels({ type: 'Pad', size: [3, 1], pad_val: 9 })).toEqual([1, 2, 255]);
    expect(labels({ type: 'Pad', size: [3, 1], pad_val: { img: 9 } })).toEqual([1, 2, 255]);
    expect(labels({ type: 'Pad', size: [3, 1], pad_val: { img: 9, seg: 0 } })).toEqual([1, 2, 0]);
    expect(labels({ type: 'Pad', size: [3, 1], pad_val: { seg: [4, 5, 6] } })).toEqual([1, 2, 4]);
    expect(labels({ type: 'Pad', size: [3, 1], pad_val: { seg: 300 } })).toEqual([1, 2, 300]);
  });

  test('CenterCrop puts 255 around, where the picture gets zeros', () => {
    expect(labels({ type: 'CenterCrop', crop_size: [4, 1] })).toEqual([255, 1, 2, 255]);
    expect(labels({ type: 'CenterCrop', crop_size: [4, 1], auto_pad: true, pad_cfg: { pad_val: 7 } })).toEqual([
      1, 2, 255, 255,
    ]);
    expect(labels({ type: 'CenterCrop', crop_size: [1, 1] })).toEqual([1]);
  });
});

test('annotations that are not the picture’s are refused', () => {
  const image = formulaPicture(4, 2, 1);
  const objects = { boxes: new Float32Array(8), labels: new Int32Array(1) };
  expect(() => prepareFrame(image, [], { objects })).toThrow(
    "prepareFrame: expected four numbers of boxes for each of 1 labels but received '8 numbers'",
  );
  const labelMap = { width: 2, height: 4, labels: new Uint8Array(8) };
  expect(() => prepareFrame(image, [], { labelMap })).toThrow(
    "prepareFrame: expected a label map of the picture's 4x2 pixels but received '2x4 with 8 labels'",
  );
});
