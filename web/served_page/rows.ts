/** What a record tells, as rows of a list. */
import type { PictureRecord } from './ask.js';

export interface Row {
  readonly category: string;
  readonly class_index: number;
  /** As text. */
  readonly value: string;
  /** 0 to 1: how long its bar is. */
  readonly share: number;
  /** Of a detection: x, y, width and height in pixels of the picture. */
  readonly box?: readonly [x: number, y: number, width: number, height: number];
}

/** @param threshold scores of detections below are left out. */
export function rowsOf(record: PictureRecord, threshold: number): readonly Row[] {
  if ('detections' in record) {
    return record.detections
      .filter(({ score }) => score >= threshold)
      .map(({ bbox: [x = 0, y = 0, width = 0, height = 0], score, ...found }) => {
        return { ...found, value: score.toFixed(2), share: score, box: [x, y, width, height] };
      });
  }
  if ('classes' in record) {
    const all = record.width * record.height;
    return record.classes.map((found) => ({ ...found, value: percent(found.pixels / all), share: found.pixels / all }));
  }
  return record.top.map((found) => ({ ...found, value: percent(found.score), share: found.score }));
}

/** The rows in a sentence. */
export function summaryOf(record: PictureRecord, rows: readonly Row[]): string {
  if ('top' in record) return rows[0]?.category ?? '';
  if ('classes' in record) return rows.length === 1 ? '1 class occurs' : `${rows.length} classes occur`;
  if (rows.length === 0) return record.detections.length === 0 ? 'nothing found' : 'nothing with such a score';
  const counts = new Map<string, number>();
  for (const { category } of rows) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts].map(([category, count]) => `${count} ${category}`).join(', ');
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
