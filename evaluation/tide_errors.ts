/**
 * What kind of mistake each wrong detection and each missed object is: TIDE (Bolya et al., arXiv 2008.08115, section 2),
 * in every detail of ties and order as its authors' package tidecv 1.0.1 has it.
 */
import { cocoOverlap } from './coco_matching.js';
import type { CocoObject, CocoScoredBox } from './coco_records.js';

/** In the order of the paper. `both`: wrong class and badly placed. */
export const TIDE_KINDS = ['classification', 'localisation', 'both', 'duplicate', 'background', 'missed'] as const;
export type TideKind = (typeof TIDE_KINDS)[number];

/** Overlap from which a detection is right, and below which there is nothing but background under it. */
export const TIDE_FOREGROUND = 0.5;
export const TIDE_BACKGROUND = 0.1;

/** Of one picture, of all categories together, the best count. */
export const TIDE_MAX_DETECTIONS = 100;

/** A detection as a point of a precision-recall curve. */
export interface TidePoint {
  readonly category: number;
  readonly score: number;
  readonly right: boolean;
}

export interface TideError {
  readonly kind: TideKind;
  /** The detection as it is; absent for a missed object, and where a crowd around it excuses the detection. */
  readonly as: TidePoint | undefined;
  /** What it would be without the mistake; absent where the detection would not be there. */
  readonly fixed: TidePoint | undefined;
  /** The wrong detection itself; absent for a missed object. */
  readonly detection: CocoScoredBox | undefined;
  /** The missed object, or the one that the detection would have found; absent where there is none. */
  readonly object: CocoObject | undefined;
}

export interface TideMatch {
  readonly detection: CocoScoredBox;
  readonly object: CocoObject;
}

export interface TidePicture {
  /** All detections that count, best score first, equal ones as given. */
  readonly points: readonly TidePoint[];
  readonly right: readonly TideMatch[];
  readonly errors: readonly TideError[];
  /** Objects that no detection found, by category: those that a wrong detection could have been among them. */
  readonly unfound: readonly number[];
}

interface Truth {
  readonly object: CocoObject;
  found: boolean;
  /** The best wrong detection that one repair would make right for this object. */
  rival: CocoScoredBox | undefined;
}

/** @param objects crowds among them: detections inside one count neither for nor against. */
export function tidePicture(objects: readonly CocoObject[], given: readonly CocoScoredBox[]): TidePicture {
  const detections = given.toSorted((a, b) => b.score - a.score).slice(0, TIDE_MAX_DETECTIONS);
  const truths = objects
    .filter(({ iscrowd }) => !iscrowd)
    .map((object): Truth => ({ object, found: false, rival: undefined }));
  const crowds = objects.filter(({ iscrowd }) => Boolean(iscrowd));
  const rows = detections.map(({ bbox }) => truths.map(({ object }) => cocoOverlap(bbox, object.bbox, false)));
  const right = detections.map((detection, d) => takeObject(detection, rows[d] ?? [], truths));

  const isExcused = ({ category_id, bbox }: CocoScoredBox) =>
    crowds.some((crowd) => crowd.category_id === category_id && cocoOverlap(bbox, crowd.bbox, true) > TIDE_FOREGROUND);
  const points = detections.map((detection, d): TidePoint | undefined => {
    const isRight = right[d] !== undefined;
    if (!isRight && isExcused(detection)) return undefined;
    return { category: detection.category_id, score: detection.score, right: isRight };
  });
  const wrong = detections.flatMap((detection, d) =>
    right[d] !== undefined ? [] : [{ detection, as: points[d], ...diagnose(detection, rows[d] ?? [], truths) }],
  );
  for (const { detection, repaired } of wrong) {
    if (repaired === undefined || repaired.found) continue;
    if (repaired.rival === undefined || repaired.rival.score < detection.score) repaired.rival = detection;
  }

  const errors = wrong.map(({ detection, as, kind, repaired }): TideError => {
    const { score } = detection;
    const isRepaired = repaired !== undefined && repaired.rival === detection;
    return {
      kind,
      as,
      fixed: isRepaired ? { category: repaired.object.category_id, score, right: true } : undefined,
      detection,
      object: repaired?.object,
    };
  });
  for (const { object, found, rival } of truths) {
    if (found || rival !== undefined) continue;
    errors.push({ kind: 'missed', as: undefined, fixed: undefined, detection: undefined, object });
  }
  return {
    points: points.filter((point) => point !== undefined),
    right: detections.flatMap((detection, d) => {
      const object = right[d];
      return object === undefined ? [] : [{ detection, object }];
    }),
    errors,
    unfound: truths.filter(({ found }) => !found).map(({ object }) => object.category_id),
  };
}

/** The object that the detection takes: of its category the one that it overlaps most, the first of equals. */
function takeObject(
  detection: CocoScoredBox,
  overlaps: readonly number[],
  truths: readonly Truth[],
): CocoObject | undefined {
  const isFree = ({ found, object }: Truth) => !found && object.category_id === detection.category_id;
  const { truth, overlap } = most(overlaps, truths, isFree);
  if (truth === undefined || overlap < TIDE_FOREGROUND) return undefined;
  truth.found = true;
  return truth.object;
}

/** The kind of mistake of a detection that is not right, and the object that it would have found. */
function diagnose(detection: CocoScoredBox, overlaps: readonly number[], truths: readonly Truth[]) {
  const isOfClass = ({ object }: Truth) => object.category_id === detection.category_id;
  const same = most(overlaps, truths, isOfClass);
  if (same.overlap >= TIDE_BACKGROUND && same.overlap <= TIDE_FOREGROUND) {
    return { kind: 'localisation', repaired: same.truth } as const;
  }
  const other = most(overlaps, truths, (truth) => !isOfClass(truth));
  if (other.overlap >= TIDE_FOREGROUND) return { kind: 'classification', repaired: other.truth } as const;
  const taken = most(overlaps, truths, (truth) => truth.found && isOfClass(truth));
  if (taken.overlap >= TIDE_FOREGROUND) return { kind: 'duplicate', repaired: undefined } as const;
  const any = most(overlaps, truths, () => true);
  return { kind: any.overlap <= TIDE_BACKGROUND ? 'background' : 'both', repaired: undefined } as const;
}

function most(overlaps: readonly number[], truths: readonly Truth[], counts: (truth: Truth) => boolean) {
  let best: { truth: Truth | undefined; overlap: number } = { truth: undefined, overlap: 0 };
  truths.forEach((truth, g) => {
    const overlap = overlaps[g] ?? 0;
    if (overlap > best.overlap && counts(truth)) best = { truth, overlap };
  });
  return best;
}
