import { describe, expect, it } from 'vitest';
import { drawDetections } from '../../drawing/detections.js';
import { classColour, contrastRatio } from '../../drawing/palette.js';
import { seededRandom } from '../random.js';
import { countColour, detection, pixel, plain } from './pictures.js';

const GREY = [128, 128, 128] as const;

describe('drawDetections', () => {
  it('draws the line inside the outline, to the pixel', async () => {
    const drawn = await drawDetections(plain(640, 480), [detection([100.4, 120.4, 300, 320], 1, 'dog')], {
      tags: false,
    });
    const colour = classColour(1);
    for (const [x, y] of [
      [100, 200],
      [101, 200],
      [299, 200],
      [298, 200],
      [200, 120],
      [200, 319],
    ] as const) {
      expect(pixel(drawn, x, y)).toEqual(colour);
    }
    for (const [x, y] of [
      [99, 200],
      [102, 200],
      [300, 200],
      [297, 200],
      [200, 119],
      [200, 320],
      [200, 220],
    ] as const) {
      expect(pixel(drawn, x, y)).toEqual(GREY);
    }
  });

  it('leaves the picture that it was given alone', async () => {
    const image = plain(64, 64);
    await drawDetections(image, [detection([5, 5, 50, 50], 0, 'cat')]);
    expect(image.data.every((value) => value === 128)).toBe(true);
  });

  it.each([0, 128, 255])('writes tags that can be read on a ground of %i', async (ground) => {
    const drawn = await drawDetections(plain(640, 480, ground), [
      detection([100, 120, 300, 320], 7, 'cat'),
      detection([350, 120, 600, 320], 0, 'dog'),
    ]);
    for (const [left, index] of [
      [100, 7],
      [350, 0],
    ] as const) {
      const tag = [left, 103, left + 50, 120] as const;
      const background = classColour(index);
      const text = index === 0 ? ([255, 255, 255] as const) : ([0, 0, 0] as const);
      expect(countColour(drawn, background, tag)).toBeGreaterThan(400);
      expect(countColour(drawn, text, tag)).toBeGreaterThan(10);
      expect(contrastRatio(background, text)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('draws low scores first', async () => {
    const boxes = [detection([10, 10, 90, 90], 0, 'a', 0.9), detection([10, 10, 90, 90], 1, 'b', 0.4)];
    for (const order of [boxes, boxes.toReversed()]) {
      expect(pixel(await drawDetections(plain(100, 100), order, { tags: false }), 10, 50)).toEqual(classColour(0));
    }
  });

  it("takes the config's palette", async () => {
    const drawn = await drawDetections(plain(100, 100), [detection([10, 10, 90, 90], 0, 'a')], {
      palette: [[9, 8, 7]],
    });
    expect(pixel(drawn, 10, 50)).toEqual([9, 8, 7]);
  });

  it('suits the line to the size of the picture', async () => {
    const drawn = await drawDetections(plain(4000, 3000), [detection([1000, 1000, 3000, 2000], 0, 'a')], {
      tags: false,
    });
    const line = Array.from({ length: 30 }, (_, x) => pixel(drawn, 1000 + x, 1500)).filter(([r]) => r !== 128);
    expect(line).toHaveLength(11);
  });

  it('draws nothing for no detections, and for boxes outside or without numbers', async () => {
    const outside = [
      detection([-50, -50, -10, -10], 0, 'a'),
      detection([200, 10, 300, 50], 0, 'a'),
      detection([Number.NaN, 0, 10, 10], 0, 'a'),
      detection([0, 0, Number.POSITIVE_INFINITY, 10], 0, 'a'),
    ];
    for (const detections of [[], outside]) {
      expect((await drawDetections(plain(100, 100), detections)).data).toEqual(plain(100, 100).data);
    }
  });

  it('draws boxes on 10x10 px, without letters', async () => {
    const drawn = await drawDetections(plain(10, 10), [detection([2, 2, 8, 8], 0, 'cat')]);
    expect(countColour(drawn, classColour(0))).toBe(20);
    expect(countColour(drawn, GREY)).toBe(80);
  });

  it('draws on 8000x6000 px', async () => {
    const drawn = await drawDetections(plain(8000, 6000), [detection([1000, 1000, 7000, 5000], 0, 'cat')]);
    expect(pixel(drawn, 1020, 3000)).toEqual(classColour(0));
    expect(pixel(drawn, 1021, 3000)).toEqual(GREY);
    expect(countColour(drawn, classColour(0), [1000, 850, 1400, 1000])).toBeGreaterThan(30_000);
  });

  it('never throws and never changes the size, whatever the boxes and the names', async () => {
    const random = seededRandom(11);
    const names = ['', 'ネコ', 'قطة', '👩‍🔬', 'a\nb', '\ud800', 'x'.repeat(5000), 'Ωμέγα'];
    for (let round = 0; round < 40; round++) {
      const image = plain(1 + Math.floor(random() * 300), 1 + Math.floor(random() * 300));
      const coordinate = () => (random() - 0.3) * 500 * 10 ** Math.floor(random() * 4 - 1);
      const detections = Array.from({ length: Math.floor(random() * 30) }, () =>
        detection(
          [coordinate(), coordinate(), coordinate(), coordinate()],
          Math.floor(random() * 100),
          names[Math.floor(random() * names.length)] ?? '',
          random() < 0.05 ? Number.NaN : random(),
        ),
      );
      const drawn = await drawDetections(image, detections);
      expect([drawn.width, drawn.height, drawn.data.length]).toEqual([image.width, image.height, image.data.length]);
    }
  });
});
