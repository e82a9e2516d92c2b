import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { drawScene, type Scene } from '../../scenes/scene.js';
import { SCENE_CLASSES, SCENE_LABELS } from '../../scenes/shapes/index.js';

const digest = ({ image, labels, owners, objects }: Scene) =>
  createHash('sha256')
    .update(image.data)
    .update(Uint8Array.from(labels.labels))
    .update(Int8Array.from(owners))
    .update(JSON.stringify(objects))
    .digest('hex');

const small = { width: 160, height: 128 };
const series = Array.from({ length: 60 }, (_, picture) => drawScene(11, picture, small));

describe('equal numbers give equal bytes', () => {
  const CASES = [
    { seed: 0, picture: 0, width: 320, height: 320 },
    { seed: 1, picture: 7, width: 320, height: 320 },
    { seed: 12, picture: 3, width: 96, height: 64 },
    { seed: -5, picture: 2, width: 200, height: 301 },
    { seed: 2 ** 40 + 1, picture: 999_999, width: 128, height: 128 },
  ];

  test('on this machine as on others', async () => {
    const digests = CASES.map((numbers) => ({
      ...numbers,
      sha256: digest(drawScene(numbers.seed, numbers.picture, numbers)),
    }));
    await expect(`${JSON.stringify(digests, null, 2)}\n`).toMatchFileSnapshot('../fixtures/scenes/digests.json');
  });

  test('whatever was drawn before', () => {
    expect(digest(drawScene(11, 4, small))).toBe(digest(series[4] ?? drawScene(0, 0, small)));
  });

  test('and others give others', () => {
    const seeds = [0, 1, 2, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 40];
    const drawn = seeds.flatMap((seed) => [0, 1, 2].map((picture) => digest(drawScene(seed, picture, small))));
    expect(new Set([...drawn, ...series.map(digest)]).size).toBe(drawn.length + series.length);
  });
});

describe('the truth is read off the pixels', () => {
  test('boxes are tight, areas are counted, labels are the classes of the owners', () => {
    let wrong = 0;
    for (const { objects, owners, labels } of series) {
      const seen = objects.map(() => ({ x: [Infinity, -Infinity], y: [Infinity, -Infinity], area: 0 }));
      owners.forEach((owner, i) => {
        wrong += labels.labels[i] === (owner === -1 ? 0 : (objects[owner]?.classIndex ?? Number.NaN) + 1) ? 0 : 1;
        const own = seen[owner];
        if (own === undefined) return;
        const [x, y] = [i % small.width, Math.floor(i / small.width)];
        own.x = [Math.min(own.x[0] ?? x, x), Math.max(own.x[1] ?? x, x)];
        own.y = [Math.min(own.y[0] ?? y, y), Math.max(own.y[1] ?? y, y)];
        own.area++;
      });
      const boxes = seen.map(({ x: [left = 0, right = 0], y: [top = 0, bottom = 0], area }) => ({
        bbox: [left, top, right - left + 1, bottom - top + 1],
        area,
      }));
      expect(objects.map(({ bbox, area }) => ({ bbox, area }))).toEqual(boxes);
      for (const { category, classIndex } of objects) expect(SCENE_CLASSES[classIndex]).toBe(category);
    }
    expect(wrong).toBe(0);
  });

  test('every object can be seen', () => {
    for (const { objects } of series) {
      expect(objects.length).toBeGreaterThan(0);
      for (const { area } of objects) expect(area).toBeGreaterThanOrEqual(40);
    }
  });

  test('an object differs from what surrounds it: what is owned is where it was painted', () => {
    // Of each picture's largest object: the mean of its own pixels is not that of the rest of its box.
    const different = series.filter(({ image, owners, objects }) => {
      const largest = objects.reduce((most, { area }, i) => (area > (objects[most]?.area ?? 0) ? i : most), 0);
      const [x, y, width, height] = objects[largest]?.bbox ?? [0, 0, 0, 0];
      const sums = [0, 0, 0, 0];
      for (let row = y; row < y + height; row++) {
        for (let column = x; column < x + width; column++) {
          const at = row * small.width + column;
          const side = owners[at] === largest ? 0 : 2;
          sums[side] = (sums[side] ?? 0) + (image.data[at * 3 + 1] ?? 0);
          sums[side + 1] = (sums[side + 1] ?? 0) + 1;
        }
      }
      const [within = 0, inner = 0, around = 0, outer = 0] = sums;
      return outer === 0 || Math.abs(within / inner - around / outer) > 4;
    });
    expect(different.length / series.length).toBeGreaterThan(0.7);
  });
});

describe('a network has to work at them', () => {
  const objects = series.flatMap((scene) => scene.objects.map((object, i) => ({ ...object, scene, i })));

  test('all classes, about equally often', () => {
    const counts = SCENE_CLASSES.map((name) => objects.filter(({ category }) => category === name).length);
    expect(Math.min(...counts)).toBeGreaterThan((0.5 * objects.length) / SCENE_CLASSES.length);
    expect(SCENE_LABELS).toEqual(['background', ...SCENE_CLASSES]);
  });

  test('small and large ones, cut off and hidden in part', () => {
    const side = Math.min(small.width, small.height);
    const longest = objects.map(({ bbox }) => Math.max(bbox[2], bbox[3]) / side);
    expect(longest.filter((part) => part < 0.15).length).toBeGreaterThan(objects.length / 20);
    expect(longest.filter((part) => part > 0.5).length).toBeGreaterThan(objects.length / 20);
    const atBorder = objects.filter(
      ({ bbox: [x, y, w, h] }) => x === 0 || y === 0 || x + w === small.width || y + h === small.height,
    );
    expect(atBorder.length / objects.length).toBeGreaterThan(0.1);
    const overlapping = objects.filter(({ bbox: [x, y, w, h], scene, i }) =>
      scene.objects.some(
        ({ bbox: [left, top, width, height] }, other) =>
          other !== i && left < x + w && x < left + width && top < y + h && y < top + height,
      ),
    );
    expect(overlapping.length / objects.length).toBeGreaterThan(0.3);
  });

  test('colours hint at a class, and do not tell it: most guesses by the mean colour are wrong', () => {
    const colours = objects.map(({ scene, i, classIndex }) => {
      const sum = [0, 0, 0];
      let count = 0;
      scene.owners.forEach((owner, at) => {
        if (owner !== i) return;
        count++;
        for (const channel of [0, 1, 2]) sum[channel] = (sum[channel] ?? 0) + (scene.image.data[at * 3 + channel] ?? 0);
      });
      return { classIndex, colour: sum.map((total) => total / count) };
    });
    const distance = (a: readonly number[], b: readonly number[]) =>
      Math.hypot(...a.map((value, c) => value - (b[c] ?? 0)));
    // By the nearest of the other pictures' objects: the picture's own share its paint.
    const right = colours.filter(({ classIndex, colour }, own) => {
      const others = colours.filter((_, other) => objects[other]?.scene !== objects[own]?.scene);
      const nearest = others.reduce((best, one) =>
        distance(one.colour, colour) < distance(best.colour, colour) ? one : best,
      );
      return nearest.classIndex === classIndex;
    });
    expect(right.length / colours.length).toBeGreaterThan(2 / SCENE_CLASSES.length);
    expect(right.length / colours.length).toBeLessThan(0.45);
  });

  test('pictures are neither black nor white, and have texture', () => {
    for (const { image } of series) {
      const mean = image.data.reduce((sum, value) => sum + value, 0) / image.data.length;
      const spread = Math.sqrt(image.data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / image.data.length);
      expect(mean).toBeGreaterThan(25);
      expect(mean).toBeLessThan(200);
      expect(spread).toBeGreaterThan(12);
    }
  });
});
