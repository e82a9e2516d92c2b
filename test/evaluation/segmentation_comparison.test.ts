import { expect, it } from 'vitest';
import { splitMix } from '../../core/random.js';
import { createSegmentationComparer } from '../../evaluation/segmentation_comparison.js';
import { createSegmentationMetrics } from '../../evaluation/segmentation_metrics.js';

const map = (...labels: number[]) => ({ width: labels.length, height: 1, labels: Uint8Array.from(labels) });

it('has the figures of the metric for both runs, and finds what differs', async () => {
  const random = splitMix(3);
  const comparer = createSegmentationComparer({ numClasses: 4 }, { resamples: 200 });
  const [left, right] = [createSegmentationMetrics({ numClasses: 4 }), createSegmentationMetrics({ numClasses: 4 })];
  for (let picture = 0; picture < 20; picture++) {
    // Class 3 never occurs. The other run is right about 0 and 1, and half the time wrong about 2.
    const labels = Array.from({ length: 60 }, (_, i) => (i % 20 === 0 ? 255 : i % 3));
    const ours = labels.map((label) => (label === 255 ? 0 : label));
    const against = ours.map((label) => (label === 2 && random() < 0.5 ? 1 : label));
    comparer.add(`${picture}`, map(...labels), map(...ours), map(...against));
    left.add('', map(...labels), map(...ours));
    right.add('', map(...labels), map(...against));
  }
  const { mIoU, aAcc, classes, pictures } = await comparer.result();
  expect([mIoU.ours, aAcc.ours]).toEqual([left.result().mIoU, left.result().aAcc]);
  expect(mIoU.against).toBeCloseTo(right.result().mIoU ?? Number.NaN, 12);
  expect(aAcc.against).toBeCloseTo(right.result().aAcc ?? Number.NaN, 12);
  expect(classes.map(({ against }) => against)).toEqual(right.result().perClass.map(({ IoU }) => IoU));
  expect(classes.map(({ verdict }) => verdict)).toEqual(['same', 'better', 'better', 'unclear']);
  expect(classes.map(({ pictures: shown }) => shown)).toEqual([20, 20, 20, 0]);
  expect(mIoU.verdict).toBe('better');
  expect(pictures).toMatchObject({ better: 20, worse: 0, same: 0 });
  expect(pictures.changed[0]?.against).toBeGreaterThanOrEqual(pictures.changed[19]?.against ?? 1);
});
