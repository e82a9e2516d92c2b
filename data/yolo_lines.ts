/** The lines of YOLO's label files: boxes, outlines, poses; shares of the picture's width and height. */
import { LowformerError } from '../core/errors.js';
import type { Mistakes } from '../core/mistakes.js';

/** Shares of the picture's width and height. */
export interface YoloLine {
  readonly box: readonly [classIndex: number, cx: number, cy: number, width: number, height: number];
  /** x1, y1, x2, y2, …, where outlines are kept. */
  readonly outline?: readonly number[];
}

/** What is taken although it is no line `class cx cy width height` of shares. */
export type YoloOddity = keyof typeof YOLO_NOTES;

export const YOLO_NOTES = {
  outline: 'Lines hold outlines: the boxes around them are taken',
  'outside-picture': 'Numbers lie a hair outside of 0 to 1, and are cut to it',
  'line-twice': 'Lines stand twice in a file, and count once',
} as const;

export interface YoloReading {
  readonly classes: number;
  /** Lines have keypoints behind the box: `kpt_shape` of the dataset. */
  readonly keypoints?: boolean;
  /** By default the boxes around them are taken. */
  readonly outlines?: 'kept' | undefined;
  /** Notes an oddity at a line, counted from 1. */
  readonly note?: (oddity: YoloOddity, line: number) => void;
  /** Where given, mistakes are kept there and their lines left out. */
  readonly mistakes?: Mistakes;
}

/** Rounding error within which a number counts as inside. */
const EXACT = 1e-3;
/** How far outside a number is cut and not refused: as ultralytics. */
const SLACK = 0.01;

/** @param file what errors call the text. @throws {LowformerError} `invalid-argument`, with line and value. */
export function parseYoloLabels(text: string, file: string, reading: YoloReading): readonly YoloLine[] {
  const seen = new Set<string>();
  return text.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === '') return [];
    try {
      const parsed = parseLine(line, `${file}:${i + 1}`, i + 1, reading);
      const key = [...parsed.box, ...(parsed.outline ?? [])].join(' ');
      if (seen.has(key)) {
        reading.note?.('line-twice', i + 1);
        return [];
      }
      seen.add(key);
      return [parsed];
    } catch (error) {
      if (reading.mistakes?.keep(error) !== true) throw error;
      return [];
    }
  });
}

function parseLine(line: string, where: string, number: number, reading: YoloReading): YoloLine {
  const { classes, keypoints = false, outlines, note } = reading;
  const words = line.trim().split(/\s+/);
  const [index = Number.NaN, ...numbers] = words.map(Number);
  if (!Number.isInteger(index) || index < 0 || index >= classes) {
    throw wrongLine(where, `a class from 0 to ${classes - 1}`, words[0]);
  }
  const outline = !keypoints && numbers.length >= 6 && numbers.length % 2 === 0;
  if (numbers.length !== 4 && !outline && !(keypoints && numbers.length > 4)) {
    const hint = numbers.length === 5 ? 'This looks like predictions with their scores.' : undefined;
    throw wrongLine(where, "5 numbers 'class cx cy width height'", line.trim(), hint);
  }
  let outside = false;
  const shares = numbers.slice(0, outline ? undefined : 4).map((share, i) => {
    if (!(share >= -SLACK && share <= 1 + SLACK)) {
      const hint = 'Numbers are shares of the width and height, not pixels.';
      throw wrongLine(where, 'numbers from 0 to 1', words[i + 1], hint);
    }
    if (share < 0 || share > 1 + EXACT) {
      outside = true;
      return Math.min(Math.max(share, 0), 1);
    }
    return share;
  });
  if (outside) note?.('outside-picture', number);
  const [cx = 0, cy = 0, width = 0, height = 0] = shares;
  if (!outline) return { box: [index, cx, cy, width, height] };
  const around = { box: [index, ...boxAround(shares)] } as const;
  if (outlines === 'kept') return { ...around, outline: shares };
  note?.('outline', number);
  return around;
}

/** Of x1, y1, x2, y2, …: centre and size. */
function boxAround(points: readonly number[]): readonly [number, number, number, number] {
  const [xs, ys] = [points.filter((_, i) => i % 2 === 0), points.filter((_, i) => i % 2 === 1)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top];
}

function wrongLine(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}
