/** What the server says of a picture, as results are in the toolkit. */
import { categoryId, classIndex } from '../../../core/brands.js';
import type { Size } from '../../../core/frame.js';
import type { Result, SegmentationMap } from '../../../core/results.js';
import { paintMask } from '../../../geometry/mask_runs.js';
import type { PictureRecord } from './ask.js';

/** @param classCount of the model: labels beyond 255 have 16 bits. @throws {RangeError} for masks that do not fit. */
export function resultOf(record: PictureRecord, classCount: number): Result {
  const { width, height } = record;
  const size = { width, height };
  if ('detections' in record) {
    const detections = record.detections.map(
      ({ bbox: [x = 0, y = 0, boxWidth = 0, boxHeight = 0], score, category, class_index, category_id }) => {
        const box = [x, y, x + boxWidth, y + boxHeight] as const;
        return { box, score, category, classIndex: classIndex(class_index), categoryId: categoryId(category_id) };
      },
    );
    return { kind: 'detection', ...size, detections };
  }
  if ('classes' in record) {
    const labels = classCount > 256 ? new Uint16Array(width * height) : new Uint8Array(width * height);
    for (const { segmentation, class_index } of record.classes) paintMask(labels, segmentation, class_index);
    const classes = record.classes.map(({ category, pixels, class_index }) => {
      return { classIndex: classIndex(class_index), category, pixels };
    });
    return { kind: 'segmentation', ...size, labels, classes };
  }
  const ranking = record.top.map(({ category, score, class_index }) => {
    return { classIndex: classIndex(class_index), category, score };
  });
  return { kind: 'classification', ...size, ranking };
}

/** The record as every client has it: what the page alone asked for is left out. */
export function plainRecord(record: PictureRecord, file: string): object {
  if (!('classes' in record)) return { ...record, file };
  return { ...record, file, classes: record.classes.map(({ segmentation: _, ...found }) => found) };
}

/** A result for a smaller form of its picture: labels are those of the nearest pixels. */
export function scaledResult(result: Result, size: Size): Result {
  const [scaleX, scaleY] = [size.width / result.width, size.height / result.height];
  if (scaleX === 1 && scaleY === 1) return result;
  const { width, height } = size;
  switch (result.kind) {
    case 'detection': {
      const detections = result.detections.map(({ box: [x1, y1, x2, y2], ...found }) => {
        return { ...found, box: [x1 * scaleX, y1 * scaleY, x2 * scaleX, y2 * scaleY] as const };
      });
      return { kind: 'detection', width, height, detections };
    }
    case 'segmentation': {
      const classes = result.classes.map(({ pixels, ...found }) => ({ ...found, pixels: pixels * scaleX * scaleY }));
      return { kind: 'segmentation', width, height, labels: nearestLabels(result, size), classes };
    }
    case 'classification':
      return { ...result, width, height };
  }
}

function nearestLabels({ labels, ...from }: SegmentationMap, { width, height }: Size): Uint8Array | Uint16Array {
  const scaled = labels instanceof Uint16Array ? new Uint16Array(width * height) : new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * from.height) / height) * from.width;
    for (let x = 0; x < width; x++, to++) {
      scaled[to] = labels[row + Math.floor(((x + 0.5) * from.width) / width)] ?? 0;
    }
  }
  return scaled;
}
