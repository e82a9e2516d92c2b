/**
 * Boxes of overlapping windows of one picture as one list, as SAHI merges them (Akyon et al., "Slicing Aided Hyper
 * Inference", arXiv 2202.06934; `sahi.postprocess.combine`, version 0.12): the matching in float32, the second look before
 * a box is taken in, in float64.
 */
import { z } from 'zod';
import { createBoxGrid } from './box_grid.js';
import { checkBoxes } from './suppression.js';

const f32 = Math.fround;

/** `nms` drops what matches a better box; the others let the better box grow around it. */
export const MERGINGS = ['nms', 'nmm', 'greedy-nmm'] as const;
/** Intersection over union, or over the smaller of the two. */
export const MERGE_METRICS = ['iou', 'ios'] as const;

/** How boxes of several windows are merged. */
export const boxMergingSchema = z.strictObject({
  type: z
    .enum(MERGINGS)
    .describe(
      'nms: the better box stays; greedy-nmm: it takes in those that match it; nmm: and those that match these',
    ),
  metric: z.enum(MERGE_METRICS).describe('intersection over union, or over the smaller box'),
  threshold: z.number().gt(0).max(1).describe('boxes match from this overlap on'),
  class_agnostic: z.boolean().describe('whether boxes of different classes match'),
});

/** A checked way of merging. */
export type BoxMerging = z.output<typeof boxMergingSchema>;

/** Parallel arrays: `[count, 4]` as x1, y1, x2, y2, then a score and a class index for each. */
export interface ScoredBoxes {
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly labels: Int32Array;
}

/** A box that stays, and those that it may take in, in the order in which they are looked at. */
interface Group {
  readonly keeper: number;
  readonly matching: number[];
}

/**
 * The merged boxes by score descending; of equal scores the lower class first (where classes are apart), then the box
 * further left, further up. A merged box has the highest score of its parts, and that one's class; of equal scores the
 * class of the one that was taken in last.
 * @param given finite numbers.
 * @throws {LowformerError} when the lengths contradict each other.
 */
export function mergeScoredBoxes(given: ScoredBoxes, merging: BoxMerging): ScoredBoxes {
  const { boxes, scores, labels } = given;
  checkBoxes('mergeScoredBoxes', boxes, scores, labels);
  const groups = groupsOf(given, merging);
  const merged = groups.map((group) => grown(given, group, merging));
  merged.sort((a, b) => b.score - a.score);
  return {
    boxes: Float32Array.from(merged.flatMap(({ box }) => box)),
    scores: Float32Array.from(merged, ({ score }) => score),
    labels: Int32Array.from(merged, ({ label }) => label),
  };
}

function groupsOf(given: ScoredBoxes, { type, metric, threshold, class_agnostic }: BoxMerging): readonly Group[] {
  const { boxes, labels } = given;
  const order = orderOf(given, class_agnostic);
  const rank = new Uint32Array(order.length);
  order.forEach((index, place) => {
    rank[index] = place;
  });
  const grid = createBoxGrid(boxes);
  // NumPy compares in the array's precision.
  const least = f32(threshold);
  /** The group of each box that has one, as its keeper or in it. */
  const groupOf: (Group | undefined)[] = new Array(order.length);
  const groups: Group[] = [];
  for (const index of order) {
    const own = groupOf[index];
    // What has been matched matches nothing more, but where merging is passed on.
    if (own !== undefined && type !== 'nmm') continue;
    const group = own ?? { keeper: index, matching: [] };
    if (own === undefined) groups.push(group);
    groupOf[index] = group;
    const matching: number[] = [];
    grid.near(index, (other) => {
      if (groupOf[other] !== undefined || !(class_agnostic || labels[other] === labels[index])) return;
      if (type === 'nmm' && !outranks(given, index, other)) return;
      if (overlap(boxes, index, other, metric) >= least) matching.push(other);
    });
    for (const other of matching) groupOf[other] = group;
    if (type === 'nms') continue;
    matching.sort(type === 'nmm' ? (a, b) => a - b : (a, b) => (rank[a] ?? 0) - (rank[b] ?? 0));
    for (const other of matching) group.matching.push(other);
  }
  return groups;
}

/** Whether NMM lets `a` take in `b`: of equal scores copies of itself alone. */
function outranks({ boxes, scores }: ScoredBoxes, a: number, b: number): boolean {
  if ((scores[a] ?? 0) !== (scores[b] ?? 0)) return (scores[a] ?? 0) > (scores[b] ?? 0);
  return [0, 1, 2, 3].every((side) => boxes[4 * a + side] === boxes[4 * b + side]);
}

/** Class by class where these are apart; best first, of equal scores by x1, y1, x2, y2, then as given. */
function orderOf({ boxes, scores, labels }: ScoredBoxes, classAgnostic: boolean): Uint32Array {
  const order = Uint32Array.from(scores, (_, i) => i);
  return order.sort((a, b) => {
    const byClass = classAgnostic ? 0 : (labels[a] ?? 0) - (labels[b] ?? 0);
    if (byClass !== 0) return byClass;
    const byScore = (scores[b] ?? 0) - (scores[a] ?? 0);
    if (byScore !== 0) return byScore;
    for (let side = 0; side < 4; side++) {
      const bySide = (boxes[4 * a + side] ?? 0) - (boxes[4 * b + side] ?? 0);
      if (bySide !== 0) return bySide;
    }
    return a - b;
  });
}

/** In float32; 0 where the divisor is not above 0, as of empty boxes. */
function overlap(boxes: Float32Array, a: number, b: number, metric: BoxMerging['metric']): number {
  const [ax1 = 0, ay1 = 0, ax2 = 0, ay2 = 0] = boxes.subarray(4 * a, 4 * a + 4);
  const [bx1 = 0, by1 = 0, bx2 = 0, by2 = 0] = boxes.subarray(4 * b, 4 * b + 4);
  const width = Math.max(0, f32(Math.min(ax2, bx2) - Math.max(ax1, bx1)));
  const height = Math.max(0, f32(Math.min(ay2, by2) - Math.max(ay1, by1)));
  const intersection = f32(width * height);
  const areaA = f32(f32(ax2 - ax1) * f32(ay2 - ay1));
  const areaB = f32(f32(bx2 - bx1) * f32(by2 - by1));
  const divisor = metric === 'iou' ? f32(f32(areaA + areaB) - intersection) : Math.min(areaA, areaB);
  return divisor > 0 ? f32(intersection / divisor) : 0;
}

type Corners = [x1: number, y1: number, x2: number, y2: number];

interface GrownBox {
  readonly box: Corners;
  readonly score: number;
  readonly label: number;
}

/** What a box becomes: one that matched it may not match any more what it has grown to, and is dropped then. */
function grown(
  { boxes, scores, labels }: ScoredBoxes,
  { keeper, matching }: Group,
  { metric, threshold }: BoxMerging,
): GrownBox {
  const at = (index: number): GrownBox => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(4 * index, 4 * index + 4);
    return { box: [x1, y1, x2, y2], score: scores[index] ?? 0, label: labels[index] ?? 0 };
  };
  let whole = at(keeper);
  for (const index of matching) {
    const part = at(index);
    if (!(exactOverlap(whole.box, part.box, metric) >= threshold)) continue;
    whole = {
      box: union(whole.box, part.box),
      score: Math.max(whole.score, part.score),
      label: whole.score > part.score ? whole.label : part.label,
    };
  }
  return whole;
}

/** In float64; NaN for empty boxes. */
function exactOverlap(a: Corners, b: Corners, metric: BoxMerging['metric']): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const intersection = width * height;
  const areaA = (a[2] - a[0]) * (a[3] - a[1]);
  const areaB = (b[2] - b[0]) * (b[3] - b[1]);
  return intersection / (metric === 'iou' ? areaA + areaB - intersection : Math.min(areaA, areaB));
}

function union(a: Corners, b: Corners): Corners {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}
