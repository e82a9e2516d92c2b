/** Results as tensors. */
import type { Classification, Detections, Result, SegmentationMap } from '../../core/results.js';
import type { Parameters } from './infer_request.js';
import type { OutputTensor } from './tensor.js';

/** As `classify` of `/v1`. */
const DEFAULT_TOP = 5;

/**
 * All outputs of a model for a request's pictures, in their order. Numbers are those of `/v1`, which are of 32 bits.
 * - detection, of all pictures one after another: `boxes` [n, 4], corners x1, y1, x2, y2 in pixels of the picture as displayed, best
 *   first within each; `scores` [n]; `labels` [n], class indices; and `num_detections` [N], how many are each picture's.
 * - segmentation: `labels` [N, H, W], class indices.
 * - classification: `labels` [N, top], class indices, likeliest first; `scores` [N, top].
 * @param results of one task, at least one; of segmentation those of one size.
 */
export function outputTensors(results: readonly Result[], parameters: Parameters): readonly OutputTensor[] {
  const [first] = results;
  switch (first?.kind) {
    case 'detection':
      return detectionTensors(results.filter(isDetection), parameters['score-thr'] ?? 0);
    case 'segmentation':
      return [labelMaps(results.filter(isSegmentation), first)];
    case 'classification':
      return classTensors(results.filter(isClassification), parameters.top ?? DEFAULT_TOP);
    case undefined:
      throw new RangeError('no result');
  }
}

const isDetection = (result: Result): result is Detections => result.kind === 'detection';
const isSegmentation = (result: Result): result is SegmentationMap => result.kind === 'segmentation';
const isClassification = (result: Result): result is Classification => result.kind === 'classification';

function detectionTensors(results: readonly Detections[], from: number): readonly OutputTensor[] {
  const each = results.map(({ detections }) => detections.filter(({ score }) => score >= from));
  const all = each.flat();
  return [
    { name: 'boxes', shape: [all.length, 4], values: Float32Array.from(all.flatMap(({ box }) => box)) },
    { name: 'scores', shape: [all.length], values: Float32Array.from(all, ({ score }) => score) },
    { name: 'labels', shape: [all.length], values: BigInt64Array.from(all, ({ classIndex }) => BigInt(classIndex)) },
    {
      name: 'num_detections',
      shape: [each.length],
      values: BigInt64Array.from(each, ({ length }) => BigInt(length)),
    },
  ];
}

function labelMaps(results: readonly SegmentationMap[], { width, height, labels }: SegmentationMap): OutputTensor {
  const shape = [results.length, height, width];
  if (results.length === 1) return { name: 'labels', shape, values: labels };
  const each = width * height;
  const values =
    labels instanceof Uint16Array ? new Uint16Array(results.length * each) : new Uint8Array(results.length * each);
  for (const [i, result] of results.entries()) {
    if (result.width !== width || result.height !== height) throw new RangeError('label maps of several sizes');
    values.set(result.labels, i * each);
  }
  return { name: 'labels', shape, values };
}

function classTensors(results: readonly Classification[], top: number): readonly OutputTensor[] {
  const told = results.map(({ ranking }) => ranking.slice(0, top));
  const all = told.flat();
  const shape = [told.length, told[0]?.length ?? 0];
  return [
    { name: 'labels', shape, values: BigInt64Array.from(all, ({ classIndex }) => BigInt(classIndex)) },
    { name: 'scores', shape, values: Float32Array.from(all, ({ score }) => score) },
  ];
}
