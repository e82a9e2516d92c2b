import { expect, it } from 'vitest';
import { sceneAgreement, sceneSignature } from '../../evaluation/same_scene.js';
import { createSegmentationAnalyser } from '../../evaluation/segmentation_analysis.js';

/** Sky above, ground below `horizon`, a mast at `mast`. */
function scene(horizon: number, mast: number) {
  const [width, height] = [64, 48];
  const labels = Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return Math.abs(x - mast) < 4 ? 2 : y < horizon ? 0 : 1;
  });
  return { width, height, labels };
}

it('takes the labels at the centres of cells', () => {
  const signature = sceneSignature(scene(24, 2));
  expect(signature).toHaveLength(192);
  expect(Array.from(signature.subarray(0, 3))).toEqual([2, 0, 0]);
  expect(signature[191]).toBe(1);
});

it('agrees for what is nearly the same, and not for what is alike by chance', () => {
  const agreement = (a: ReturnType<typeof scene>, b: ReturnType<typeof scene>) =>
    sceneAgreement(sceneSignature(a), sceneSignature(b));
  expect(agreement(scene(24, 10), scene(24, 10))).toBe(1);
  expect(agreement(scene(24, 10), scene(26, 14))).toBeGreaterThan(0.7);
  expect(agreement(scene(12, 10), scene(36, 50))).toBeLessThan(0.5);
  expect(agreement(scene(48, 1000), scene(48, 1000))).toBe(0);
});

it('keeps one of several neighbours that show the same', () => {
  const analyser = createSegmentationAnalyser({ numClasses: 3 }, { worst: 2 });
  const wrong = (share: number) => {
    const labels = scene(24, 10).labels.map((label, i) => (i < share * 64 * 48 ? 2 - label : label));
    return { width: 64, height: 48, labels };
  };
  analyser.add('film_1', scene(24, 10), wrong(0.5));
  analyser.add('film_2', scene(24, 11), wrong(0.6));
  analyser.add('other', scene(8, 40), scene(10, 40));
  for (let i = 0; i < 60; i++) analyser.add(`right_${i}`, scene(24, 10), scene(24, 10));
  analyser.add('far', scene(24, 10), wrong(0.3));
  const { worst } = analyser.result();
  expect(worst.map(({ picture, alike }) => [picture, alike])).toEqual([
    ['film_2', ['film_1']],
    ['far', []],
  ]);
});
