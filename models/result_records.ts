/** Results as the command line and the web page write them: one entry of the JSON a picture. No Node API. */
import type { Note } from '../core/notes.js';
import type { Classification, Detection, Detections, SegmentationMap } from '../core/results.js';

/** One picture as interface files have it: boxes as [x, y, width, height] in pixels of the picture as displayed. */
export function detectionRecord(file: string, { width, height }: Detections, detections: readonly Detection[]) {
  return {
    file,
    width,
    height,
    detections: detections.map(detectionEntry),
  };
}

/** One detection of the record. */
export function detectionEntry({ box: [x1, y1, x2, y2], score, classIndex, categoryId, category }: Detection) {
  return {
    bbox: [x1, y1, x2 - x1, y2 - y1],
    score,
    class_index: classIndex,
    category_id: categoryId,
    category,
  };
}

/** `3 cat, 1 dog`, most first. */
export function countByClass(detections: readonly Detection[]): string {
  const counts = new Map<string, number>();
  for (const { category } of detections) counts.set(category, (counts.get(category) ?? 0) + 1);
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([category, count]) => `${count} ${category}`);
  return parts.length === 0 ? 'nothing found' : parts.join(', ');
}

/** The classes that occur, with their pixels; the labels themselves are a picture of their own. */
export function segmentationRecord(file: string, { width, height, classes }: SegmentationMap) {
  return {
    file,
    width,
    height,
    classes: classes.map(({ classIndex, category, pixels }) => ({ class_index: classIndex, category, pixels })),
  };
}

/** The `top` likeliest classes. */
export function classificationRecord(file: string, { width, height, ranking }: Classification, top: number) {
  return {
    file,
    width,
    height,
    top: ranking.slice(0, top).map(({ classIndex, category, score }) => ({ class_index: classIndex, category, score })),
  };
}

/** A picture's own notes beside its result, where there are any. */
export function withNotes(record: object, notes: readonly Note[]): object {
  return notes.length === 0 ? record : { ...record, notes: notes.map(({ kind, message }) => ({ kind, message })) };
}
