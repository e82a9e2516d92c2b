/**
 * Pascal VOC's mean average precision (Everingham et al., IJCV 2010, section 4.2), as MMDetection 3's `eval_map` computes it
 * without scale ranges.
 */
import { LowformerError } from '../core/errors.js';
import type { Box } from '../core/results.js';
import { averagePrecision, precisionRecall, type VocCurve, type VocMode } from './voc_curve.js';
import { matchDetections, type Outcome } from './voc_matching.js';

export interface VocObject {
  readonly box: Box;
  /** From 0. */
  readonly classIndex: number;
  /** Neither finding it nor missing it counts. */
  readonly difficult?: boolean;
}

export interface VocDetection {
  readonly box: Box;
  readonly classIndex: number;
  readonly score: number;
}

export interface VocSettings {
  readonly numClasses: number;
  /** Each above 0 and at most 1. */
  readonly iouThresholds: readonly number[];
  /** Widths as `x2 - x1 + 1`, as Pascal VOC's own toolkit and mmdet's `VOCMetric` have it; `eval_map` itself does not. */
  readonly legacyCoordinates: boolean;
  /** A detection with a negative side: an error, or scored as mmdet does it: one that can hardly be right. */
  readonly invertedDetections: 'error' | 'score';
}

export type ImageId = number | string | bigint;

/** One picture after matching, as plain JSON: its boxes are not kept. Classes that occur in it, ascending. */
export interface VocPicture {
  readonly imageId: ImageId;
  /** How many of the detections have a negative side. */
  readonly inverted: number;
  readonly classes: readonly {
    readonly classIndex: number;
    /** Those that are not difficult. */
    readonly objects: number;
    readonly scores: readonly number[];
    /** By threshold, then by detection. */
    readonly outcomes: readonly (readonly Outcome[])[];
  }[];
}

export interface VocCounts extends VocSettings {
  readonly pictures: readonly VocPicture[];
}

export interface VocClassResult {
  readonly classIndex: number;
  /** Null for a class without ground truth that counts; it is left out of the mean. */
  readonly AP: number | null;
  /** Objects that are not difficult. */
  readonly objects: number;
  readonly detections: number;
  readonly curve: VocCurve;
}

export interface VocResult {
  readonly iouThreshold: number;
  readonly mode: VocMode;
  /** 0 where no class has ground truth, as in mmdet. */
  readonly mAP: number;
  /** Detections with a negative side that were scored; 0 unless the settings allow them. */
  readonly invertedDetections: number;
  readonly perClass: readonly VocClassResult[];
}

export interface VocMap {
  /**
   * Matches one picture's detections. A picture without objects or without detections has to be added too: its detections
   * are false, its objects missed. @throws {LowformerError} for a picture added before, a class outside the classes, a box
   * that is not finite or has a negative side (unless `invertedDetections` is `score`), a score that is not finite; then
   * nothing of the picture is counted.
   */
  add(imageId: ImageId, objects: readonly VocObject[], detections: readonly VocDetection[]): void;
  /** Adds what another part of the data gave. @throws {LowformerError} for other settings or a picture that is there already. */
  merge(other: VocCounts): void;
  counts(): VocCounts;
  /** `iouThreshold` is one of the settings'. Neither the order of `add` nor of `merge` matters. */
  result(options?: { readonly iouThreshold?: number; readonly mode?: VocMode }): VocResult;
}

/**
 * Streaming mAP, boxes as corners. Defaults: `iouThresholds` [0.5], no legacy coordinates, inverted detections an error,
 * mode `area`.
 * Equal scores stand in the order of their pictures' ids (numbers, then strings by code unit), within a picture as given.
 * mmdet leaves them to `np.argsort`, whose order among equals depends on the processor; a stable one gives this order.
 * @throws {LowformerError} for settings out of range.
 */
export function createVocMap(options: Pick<VocSettings, 'numClasses'> & Partial<VocSettings>): VocMap {
  const settings = checkedSettings({
    iouThresholds: [0.5],
    legacyCoordinates: false,
    invertedDetections: 'error',
    ...options,
  });
  const { numClasses, iouThresholds, legacyCoordinates, invertedDetections } = settings;
  const pictures = new Map<ImageId, VocPicture>();

  const keep = (picture: VocPicture) => {
    if (pictures.has(picture.imageId)) throw mistake('pictures', 'each picture once', picture.imageId);
    pictures.set(picture.imageId, picture);
  };

  return {
    add(imageId, objects, detections) {
      objects.forEach((object, i) => {
        const where = `picture ${imageId}: object ${i}`;
        checkEntry(where, object, numClasses);
        checkSides(where, object.box);
      });
      detections.forEach((detection, i) => {
        const where = `picture ${imageId}: detection ${i}`;
        checkEntry(where, detection, numClasses);
        if (invertedDetections === 'error') checkSides(where, detection.box);
        if (!Number.isFinite(detection.score)) throw mistake(`${where}: score`, 'a finite number', detection.score);
      });
      const occurring = new Set([...objects, ...detections].map(({ classIndex }) => classIndex));
      const classes = [...occurring]
        .sort((a, b) => a - b)
        .map((classIndex) => {
          const ofClass = (entry: VocObject | VocDetection) => entry.classIndex === classIndex;
          const wanted = objects.filter(ofClass);
          const found = detections.filter(ofClass);
          return {
            classIndex,
            objects: wanted.filter(({ difficult }) => !difficult).length,
            scores: found.map(({ score }) => score),
            outcomes: matchDetections(wanted, found, iouThresholds, legacyCoordinates),
          };
        });
      keep({ imageId, inverted: detections.filter(({ box }) => isInverted(box)).length, classes });
    },
    merge(other) {
      checkCounts(other, settings);
      const ids = new Set(pictures.keys());
      for (const { imageId } of other.pictures) {
        if (ids.has(imageId)) throw mistake('merge: pictures', 'each picture once', imageId);
        ids.add(imageId);
      }
      other.pictures.forEach(keep);
    },
    counts: () => ({ ...settings, pictures: [...pictures.values()] }),
    result({ iouThreshold = iouThresholds[0] ?? 0.5, mode = 'area' } = {}) {
      const threshold = iouThresholds.indexOf(iouThreshold);
      if (threshold < 0) throw mistake('iouThreshold', `one of ${iouThresholds.join(', ')}`, iouThreshold);
      if (mode !== 'area' && mode !== '11points') throw mistake('mode', "'area' or '11points'", mode);
      const ordered = [...pictures.values()].sort((a, b) => compareIds(a.imageId, b.imageId));
      const perClass = gather(ordered, numClasses, threshold).map((found, classIndex): VocClassResult => {
        const { objects, scores } = found;
        const curve = precisionRecall(found);
        const AP = objects === 0 ? null : averagePrecision(curve, mode);
        return { classIndex, AP, objects, detections: scores.length, curve };
      });
      const known = perClass.flatMap(({ AP }) => AP ?? []);
      const mAP = known.length === 0 ? 0 : known.reduce((sum, AP) => sum + AP, 0) / known.length;
      const inverted = ordered.reduce((sum, picture) => sum + picture.inverted, 0);
      return { iouThreshold, mode, mAP, invertedDetections: inverted, perClass };
    },
  };
}

function gather(pictures: readonly VocPicture[], numClasses: number, threshold: number) {
  const found = Array.from({ length: numClasses }, () => ({
    objects: 0,
    scores: [] as number[],
    outcomes: [] as Outcome[],
  }));
  for (const { classes } of pictures) {
    for (const { classIndex, objects, scores, outcomes } of classes) {
      const target = found[classIndex];
      if (target === undefined) continue;
      target.objects += objects;
      for (const score of scores) target.scores.push(score);
      for (const outcome of outcomes[threshold] ?? []) target.outcomes.push(outcome);
    }
  }
  return found;
}

/** Numbers by size, then strings by code unit. */
function compareIds(a: ImageId, b: ImageId): number {
  const [textA, textB] = [typeof a === 'string', typeof b === 'string'];
  if (textA !== textB) return textA ? 1 : -1;
  return a < b ? -1 : +(a > b);
}

function checkEntry(where: string, { box, classIndex }: VocObject, numClasses: number): void {
  if (!Number.isInteger(classIndex) || classIndex < 0 || classIndex >= numClasses) {
    throw mistake(`${where}: classIndex`, `a class from 0 to ${numClasses - 1}`, classIndex);
  }
  if (box.length !== 4 || !box.every(Number.isFinite)) {
    throw mistake(`${where}: box`, 'four finite numbers', box.map(String).join(', '));
  }
}

function isInverted([x1, y1, x2, y2]: Box): boolean {
  return x2 < x1 || y2 < y1;
}

function checkSides(where: string, box: Box): void {
  if (isInverted(box)) throw mistake(`${where}: box`, 'x1 <= x2 and y1 <= y2 in [x1, y1, x2, y2]', box);
}

function checkedSettings(settings: VocSettings): VocSettings {
  const { numClasses, iouThresholds, legacyCoordinates, invertedDetections } = settings;
  if (!Number.isInteger(numClasses) || numClasses < 1) throw mistake('numClasses', 'a positive integer', numClasses);
  const inRange = iouThresholds.every((threshold) => threshold > 0 && threshold <= 1);
  if (iouThresholds.length === 0 || !inRange) {
    throw mistake('iouThresholds', 'numbers above 0 and at most 1', iouThresholds);
  }
  return { numClasses, iouThresholds: [...iouThresholds], legacyCoordinates, invertedDetections };
}

function checkCounts(counts: VocCounts, settings: VocSettings): void {
  const shown = ({ numClasses, iouThresholds, legacyCoordinates, invertedDetections }: VocSettings) =>
    `numClasses ${numClasses}, iouThresholds ${iouThresholds.join(' ')}, legacyCoordinates ${legacyCoordinates}, ` +
    `invertedDetections ${invertedDetections}`;
  if (shown(counts) !== shown(settings)) throw mistake('merge', `counts made with ${shown(settings)}`, shown(counts));
  for (const { imageId, classes } of counts.pictures) {
    for (const { classIndex, scores, outcomes } of classes) {
      const where = `merge: picture ${imageId}: class ${classIndex}`;
      if (!(classIndex >= 0 && classIndex < settings.numClasses)) {
        throw mistake(where, `a class from 0 to ${settings.numClasses - 1}`, classIndex);
      }
      const rows = outcomes.map(({ length }) => length);
      const expected = settings.iouThresholds.map(() => scores.length);
      if (rows.join() !== expected.join()) throw mistake(`${where}: outcomes`, `lengths ${expected.join(', ')}`, rows);
    }
  }
}

function mistake(where: string, expected: string, received: unknown): LowformerError {
  const shown = typeof received === 'number' && !Number.isFinite(received) ? String(received) : received;
  return new LowformerError({ code: 'invalid-argument', where, expected, received: shown });
}
