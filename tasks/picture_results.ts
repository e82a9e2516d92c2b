/** What decoding found in a picture, as results: names, ids and counts beside the numbers. */
import type { FrameTransform } from '../core/frame.js';
import type { Box, Classification, Detections, SegmentationMap } from '../core/results.js';
import { flipBoxes } from '../images/boxes.js';
import type { DecodedBoxes, DecodedLabels } from '../registry/define.js';
import type { ClassLabel } from './classes.js';

/** Boxes of a picture that was mirrored on its way, where they lie in the original. */
export function mirroredBack(decoded: DecodedBoxes, { flip, original }: FrameTransform): DecodedBoxes {
  return flip === undefined ? decoded : { ...decoded, boxes: flipBoxes(decoded.boxes, original, flip) };
}

/** Boxes in original pixels as records. */
export function detections(
  { boxes, scores, labels: indices }: DecodedBoxes,
  labels: readonly ClassLabel[],
  { original }: FrameTransform,
): Detections {
  const found = Array.from(scores, (score, i) => {
    const label = labelAt(labels, indices[i] ?? -1);
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(4 * i, 4 * i + 4);
    const box: Box = [x1, y1, x2, y2];
    return { box, score, ...label };
  });
  return { kind: 'detection', width: original.width, height: original.height, detections: found };
}

/** A label map with what occurs in it. */
export function segmentation(
  { labels: indices, width, height }: DecodedLabels,
  labels: readonly ClassLabel[],
): SegmentationMap {
  const counts = new Float64Array(labels.length);
  countLabels(indices, counts);
  return { kind: 'segmentation', width, height, labels: indices, classes: classPixels(counts, labels) };
}

/** Adds how often each class occurs. @param counts by class index. */
export function countLabels(indices: DecodedLabels['labels'], counts: Float64Array): void {
  for (let i = 0; i < indices.length; i++) counts[indices[i] ?? 0] = (counts[indices[i] ?? 0] ?? 0) + 1;
}

/** The classes that occur, most pixels first. */
export function classPixels(counts: Float64Array, labels: readonly ClassLabel[]): SegmentationMap['classes'] {
  return labels
    .map(({ classIndex, category }) => ({ classIndex, category, pixels: counts[classIndex] ?? 0 }))
    .filter(({ pixels }) => pixels > 0)
    .sort((a, b) => b.pixels - a.pixels);
}

/** Classes, best first. */
export function classification(
  probabilities: Float32Array,
  labels: readonly ClassLabel[],
  { original }: FrameTransform,
): Classification {
  const ranking = labels
    .map(({ classIndex, category }) => ({ classIndex, category, score: probabilities[classIndex] ?? 0 }))
    .sort((a, b) => b.score - a.score);
  return { kind: 'classification', width: original.width, height: original.height, ranking };
}

function labelAt(labels: readonly ClassLabel[], index: number): ClassLabel {
  const label = labels[index];
  if (label === undefined) throw new RangeError(`class ${index} of ${labels.length}`);
  return label;
}
