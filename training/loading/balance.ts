/** Data sets that show some pictures more than once: which picture each place stands for. */
import { LowformerError } from '../../core/errors.js';
import { classesOf, type DetectionTrainingData } from './training_data.js';

/** Every picture once. */
export function everyPicture(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

/** mmengine's `RepeatDataset`: the whole, `times` over. @throws {LowformerError} `invalid-argument` unless `times` is a count. */
export function repeated(places: Int32Array, times: number): Int32Array {
  if (!Number.isInteger(times) || times < 1) {
    const expected = 'a whole number from 1';
    throw new LowformerError({ code: 'invalid-argument', where: 'RepeatDataset.times', expected, received: times });
  }
  return Int32Array.from({ length: places.length * times }, (_, i) => places[i % places.length] ?? 0);
}

/**
 * mmengine's `ClassBalancedDataset` (LVIS, arXiv 1908.03195, appendix B.2): a picture stands as often as its rarest class
 * asks, max(1, sqrt(threshold / share of pictures with the class)), rounded up.
 */
export function classBalanced(data: DetectionTrainingData, threshold: number): Int32Array {
  const count = data.files.length;
  const classes = Array.from({ length: count }, (_, picture) => classesOf(data, picture));
  const pictures = new Map<number, number>();
  for (const own of classes) for (const label of own) pictures.set(label, (pictures.get(label) ?? 0) + 1);
  const factor = (label: number) => Math.max(1, Math.sqrt(threshold / ((pictures.get(label) ?? count) / count)));
  return Int32Array.from(
    classes.flatMap((own, picture) =>
      new Array<number>(Math.ceil(Math.max(1, ...Array.from(own, factor)))).fill(picture),
    ),
  );
}
