/**
 * Where the ground truth rather than the detector may be wrong. Each is a suggestion, for a person to look at: a detector
 * that is sure where nothing is labelled, a label that nothing finds, a box whose class the detector contradicts.
 */
import { cocoOverlap } from './coco_matching.js';
import type { CocoObject, CocoScoredBox } from './coco_records.js';
import { TIDE_BACKGROUND, TIDE_FOREGROUND } from './tide_errors.js';
import { createWorstPictures } from './worst_pictures.js';

/** A confident detection that no object overlaps by 0.1: perhaps an object without a label. */
export interface MissingLabel {
  readonly imageId: number;
  readonly detection: CocoScoredBox;
}

/** An object that no detection of any class and score overlaps by 0.5: perhaps a wrong label, or a hard one. */
export interface UnfoundLabel {
  readonly imageId: number;
  readonly object: CocoObject;
  /** The largest overlap with any detection. */
  readonly overlap: number;
}

/** A confident detection of another class in an object's box: perhaps the label has the wrong class. */
export interface WrongClass {
  readonly imageId: number;
  readonly object: CocoObject;
  readonly detection: CocoScoredBox;
  readonly overlap: number;
}

export interface Suggestions<Suggestion> {
  readonly count: number;
  /** The first of them, in the order in which they are worth looking at. */
  readonly list: readonly Suggestion[];
}

export interface LabelSuggestions {
  /** Best score first. */
  readonly missing: Suggestions<MissingLabel>;
  /** Largest object first: small ones are missed for being small. */
  readonly unfound: Suggestions<UnfoundLabel>;
  /** Best score first. */
  readonly wrongClass: Suggestions<WrongClass>;
}

export interface LabelSuggester {
  /** One picture, once. */
  add(imageId: number, objects: readonly CocoObject[], detections: readonly CocoScoredBox[]): void;
  /** @param score from which on a detection is confident. */
  result(score: number): LabelSuggestions;
}

/** Boxes of an object and of a detection that are one and the same. */
const SAME_BOX = 0.7;

/** @param most of each kind that are listed; all are counted. */
export function createLabelSuggester(most = 100): LabelSuggester {
  const missing = createRanking<MissingLabel>(most);
  const unfound = createRanking<UnfoundLabel>(most);
  const wrongClass = createRanking<WrongClass>(most);
  return {
    add(imageId, objects, detections) {
      const best = detections.toSorted((a, b) => b.score - a.score);
      for (const detection of unlabelled(objects, best)) missing.add(detection.score, { imageId, detection });
      for (const object of objects) {
        if (object.iscrowd) continue;
        const overlap = best.reduce((most, { bbox }) => Math.max(most, cocoOverlap(bbox, object.bbox, false)), 0);
        if (overlap < TIDE_FOREGROUND) unfound.add(object.bbox[2] * object.bbox[3], { imageId, object, overlap });
        const other = contradiction(object, objects, best);
        if (other !== undefined) wrongClass.add(other.detection.score, { imageId, object, ...other });
      }
    },
    result: (score) => ({
      missing: missing.from(score),
      unfound: unfound.from(Number.NEGATIVE_INFINITY),
      wrongClass: wrongClass.from(score),
    }),
  };
}

function createRanking<Suggestion>(most: number) {
  const list = createWorstPictures<{ readonly value: number; readonly suggestion: Suggestion }>(most);
  const values: number[] = [];
  return {
    add(value: number, suggestion: Suggestion) {
      values.push(value);
      list.offer(value, () => ({ value, suggestion }));
    },
    from: (least: number): Suggestions<Suggestion> => ({
      count: values.filter((value) => value >= least).length,
      list: list.list().flatMap(({ value, suggestion }) => (value >= least ? [suggestion] : [])),
    }),
  };
}

/** One detection a place: the best of those that overlap one another. */
function unlabelled(objects: readonly CocoObject[], best: readonly CocoScoredBox[]): readonly CocoScoredBox[] {
  const chosen: CocoScoredBox[] = [];
  for (const detection of best) {
    const covered =
      objects.some(({ bbox, iscrowd }) => cocoOverlap(detection.bbox, bbox, Boolean(iscrowd)) >= TIDE_BACKGROUND) ||
      chosen.some(({ bbox }) => cocoOverlap(detection.bbox, bbox, false) >= TIDE_FOREGROUND);
    if (!covered) chosen.push(detection);
  }
  return chosen;
}

/**
 * The best detection of another class in the same box, where the object's own class is found there with less than half
 * its score, and no other object explains the detection.
 */
function contradiction(object: CocoObject, objects: readonly CocoObject[], best: readonly CocoScoredBox[]) {
  const on = (detection: CocoScoredBox, other: CocoObject) => cocoOverlap(detection.bbox, other.bbox, false);
  const detection = best.find((one) => one.category_id !== object.category_id && on(one, object) >= SAME_BOX);
  if (detection === undefined) return undefined;
  const own = best.find((one) => one.category_id === object.category_id && on(one, object) >= TIDE_FOREGROUND);
  if (own !== undefined && own.score * 2 >= detection.score) return undefined;
  const explained = objects.some(
    (other) => other.category_id === detection.category_id && on(detection, other) >= TIDE_FOREGROUND,
  );
  return explained ? undefined : { detection, overlap: on(detection, object) };
}
