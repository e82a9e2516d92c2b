/**
 * ByteTrack (Zhang et al., arXiv 2110.06864): every detection counts. Those with high scores are matched first, with all
 * tracks; those with low ones then with the tracks that are left, which are half hidden more often than gone.
 *
 * The reference is `ByteTrack` of PyPI's `supervision` 0.30.9, the last that has it: ids and filtered boxes are equal frame
 * by frame. It follows the paper's code (`ifzhang/ByteTrack`) up to constants, which docs/tracking.md lists.
 */
import { LowformerError } from '../core/errors.js';
import { type Assignment, createAssignment } from './assignment.js';
import { type BoxState, correctFilter, predictFilter, startFilter, writeFilteredBox } from './box_filter.js';
import { type CostBoxes, overlapOf, writeCosts } from './track_costs.js';
import type { TrackableDetection, Tracked, Tracker } from './tracker.js';
import { readTrackerOptions, type TrackerConfig, type TrackerOptions } from './tracker_options.js';

/** A lost track that overlaps a seen one by more is the same object: the younger of them ends. */
const SAME_OBJECT = 0.95;

interface Track {
  readonly state: BoxState;
  readonly classIndex: number;
  readonly firstFrame: number;
  lastFrame: number;
  /** 0 until it is confirmed. */
  id: number;
  confirmed: boolean;
  seen: boolean;
  /** Detections without a break. */
  length: number;
  /** Whether it was unseen for too long; it can be found in one more frame, as in the reference. */
  expired: boolean;
  /** Place of its detection in the last frame in which it was seen. */
  detection: number;
}

/** Detections of one frame, those with an area and a score that is not too low, at the front of arrays that grow. */
interface FrameBoxes {
  boxes: Float64Array;
  scores: Float64Array;
  classes: Int32Array;
  /** Place of each in what was given. */
  places: Int32Array;
  count: number;
}

/**
 * A tracker without tracks.
 * @param options keys of mmdet's `ByteTracker`; the defaults are those of `supervision.ByteTrack()`.
 * @throws {LowformerError} `invalid-argument` for an option that is unknown or wrong.
 */
export function createTracker(options: TrackerOptions = {}): Tracker {
  const config = readTrackerOptions(options);
  let memory = createMemory();
  let frame = 0;

  return {
    get frame() {
      return frame;
    },
    reset() {
      memory = createMemory();
      frame = 0;
    },
    update(detections, given) {
      const next = given ?? frame + 1;
      checkFrame(next, frame);
      detections.forEach((detection, i) => void checkDetection(detection, i, config));
      if (frame > 0) passOver(memory, frame, next, config);
      const first = frame === 0;
      frame = next;
      return follow(memory, detections, { frame, first }, config);
    },
  };
}

/** What is kept from frame to frame. */
interface Memory {
  seen: readonly Track[];
  lost: readonly Track[];
  ids: number;
  readonly high: FrameBoxes;
  readonly low: FrameBoxes;
  readonly left: FrameBoxes;
  readonly rows: FrameBoxes;
  readonly assignment: Assignment;
  costs: Float64Array;
}

function createMemory(): Memory {
  return {
    seen: [],
    lost: [],
    ids: 0,
    high: emptyBoxes(),
    low: emptyBoxes(),
    left: emptyBoxes(),
    rows: emptyBoxes(),
    assignment: createAssignment(),
    costs: new Float64Array(0),
  };
}

function emptyBoxes(): FrameBoxes {
  const [boxes, scores] = [new Float64Array(0), new Float64Array(0)];
  return { boxes, scores, classes: new Int32Array(0), places: new Int32Array(0), count: 0 };
}

/** Frames that nobody looked at: tracks move through them, and lost ones grow older. */
function passOver(memory: Memory, last: number, next: number, config: TrackerConfig): void {
  if (next - last - 1 > config.num_frames_retain) memory.seen = [];
  for (let frame = last + 1; frame < next && memory.seen.length + memory.lost.length > 0; frame++) {
    for (const track of memory.seen) {
      if (track.confirmed) predictFilter(track.state, frame > last + 1);
    }
    for (const track of memory.lost) predictFilter(track.state, true);
    memory.lost = stillLost(memory.lost, frame, config);
  }
}

/** Those that are still looked for, with a mark on those that are looked for once more. */
function stillLost(lost: readonly Track[], frame: number, config: TrackerConfig): readonly Track[] {
  const left = lost.filter((track) => !track.seen && !track.expired);
  for (const track of left) track.expired = frame - track.lastFrame > config.num_frames_retain;
  return left;
}

interface FrameNumber {
  readonly frame: number;
  /** Whether it opens the sequence. */
  readonly first: boolean;
}

/** One frame: the steps of the reference, in its order. */
function follow<D extends TrackableDetection>(
  memory: Memory,
  detections: readonly D[],
  { frame, first }: FrameNumber,
  config: TrackerConfig,
): readonly Tracked<D>[] {
  const { high, low, left } = memory;
  const { obj_score_thrs, match_iou_thrs, weight_iou_with_det_scores: fused } = config;
  splitByScore(detections, high, low, obj_score_thrs);
  const confirm = (track: Track) => {
    track.confirmed = true;
    if (track.id === 0) track.id = ++memory.ids;
  };
  const see = (track: Track, from: FrameBoxes, at: number) => {
    correctFilter(track.state, from.boxes, at);
    track.detection = from.places[at] ?? 0;
    track.lastFrame = frame;
    // One that was found again has its number, and its detections count anew.
    track.length = track.seen ? track.length + 1 : 0;
    if (track.seen && track.length >= config.num_tentatives) confirm(track);
    track.seen = true;
    track.expired = false;
  };

  const pool = [...memory.seen.filter(({ confirmed }) => confirmed), ...memory.lost];
  for (const track of pool) predictFilter(track.state, !track.seen);
  match(memory, pool, high, { fused, least: match_iou_thrs.high }, config);
  const { columnOfRow, rowOfColumn } = memory.assignment;
  const found: Track[] = [];
  const unmatched: Track[] = [];
  pool.forEach((track, i) => {
    const at = columnOfRow[i] ?? -1;
    if (at < 0) {
      if (track.seen) unmatched.push(track);
      return;
    }
    if (!track.seen) found.push(track);
    see(track, high, at);
  });
  takeRest(high, rowOfColumn, left);

  match(memory, unmatched, low, { fused: false, least: match_iou_thrs.low }, config);
  const newlyLost = unmatched.filter((track, i) => {
    const at = memory.assignment.columnOfRow[i] ?? -1;
    if (at >= 0) see(track, low, at);
    else track.seen = false;
    return at < 0;
  });

  const tentative = memory.seen.filter(({ confirmed }) => !confirmed);
  match(memory, tentative, left, { fused, least: match_iou_thrs.tentative }, config);
  tentative.forEach((track, i) => {
    const at = memory.assignment.columnOfRow[i] ?? -1;
    if (at >= 0) see(track, left, at);
    else track.seen = false;
  });
  const born: Track[] = [];
  for (let at = 0; at < left.count; at++) {
    const taken = (memory.assignment.rowOfColumn[at] ?? -1) >= 0;
    if (taken || (left.scores[at] ?? 0) < config.init_track_thr) continue;
    const track = startTrack(left, at, frame);
    if (first && config.num_tentatives === 1) confirm(track);
    born.push(track);
  }

  const seen = [...memory.seen.filter((track) => track.seen), ...born, ...found];
  const lost = [...stillLost(memory.lost, frame, config), ...newlyLost];
  [memory.seen, memory.lost] = withoutDoubles(seen, lost, config);
  return results(detections, memory.seen);
}

function startTrack(from: FrameBoxes, at: number, frame: number): Track {
  return {
    state: startFilter(from.boxes, at),
    classIndex: from.classes[at] ?? 0,
    firstFrame: frame,
    lastFrame: frame,
    id: 0,
    confirmed: false,
    seen: true,
    length: 1,
    expired: false,
    detection: from.places[at] ?? 0,
  };
}

/** Assigns detections to tracks; the pairs are in `memory.assignment`. */
function match(
  memory: Memory,
  tracks: readonly Track[],
  detections: FrameBoxes,
  { fused, least }: { readonly fused: boolean; readonly least: number },
  config: TrackerConfig,
): void {
  const count = tracks.length * detections.count;
  if (memory.costs.length < count) memory.costs = new Float64Array(count * 2);
  const rows = boxesOf(tracks, memory.rows);
  writeCosts(memory.costs, rows, detections, fused ? detections.scores : undefined, config.class_agnostic);
  memory.assignment.assign(memory.costs, tracks.length, detections.count, 1 - least);
}

/** Filtered boxes and classes of tracks. */
function boxesOf(tracks: readonly Track[], out: FrameBoxes): CostBoxes {
  makeRoom(out, tracks.length);
  tracks.forEach(({ state, classIndex }, i) => {
    writeFilteredBox(state, out.boxes, i);
    out.classes[i] = classIndex;
  });
  out.count = tracks.length;
  return out;
}

function makeRoom(out: FrameBoxes, count: number): void {
  if (out.scores.length >= count) return;
  out.boxes = new Float64Array(count * 8);
  out.scores = new Float64Array(count * 2);
  out.classes = new Int32Array(count * 2);
  out.places = new Int32Array(count * 2);
}

/** A detection at the end of those in `out`, where there is room. */
function append(out: FrameBoxes, { box, score, classIndex = 0 }: TrackableDetection, place: number): void {
  const at = out.count++;
  out.boxes.set(box, at * 4);
  out.scores[at] = score;
  out.classes[at] = classIndex;
  out.places[at] = place;
}

function splitByScore(
  detections: readonly TrackableDetection[],
  high: FrameBoxes,
  low: FrameBoxes,
  limits: TrackerConfig['obj_score_thrs'],
): void {
  makeRoom(high, detections.length);
  makeRoom(low, detections.length);
  high.count = 0;
  low.count = 0;
  detections.forEach((detection, i) => {
    const [x1, y1, x2, y2] = detection.box;
    if (!(x2 > x1 && y2 > y1)) return;
    if (detection.score >= limits.high) append(high, detection, i);
    else if (detection.score > limits.low) append(low, detection, i);
  });
}

/** Detections that no track took. */
function takeRest(from: FrameBoxes, rowOfColumn: Int32Array, out: FrameBoxes): void {
  makeRoom(out, from.count);
  out.count = 0;
  for (let i = 0; i < from.count; i++) {
    if ((rowOfColumn[i] ?? -1) >= 0) continue;
    const at = out.count++;
    for (let c = 0; c < 4; c++) out.boxes[at * 4 + c] = from.boxes[i * 4 + c] ?? 0;
    out.scores[at] = from.scores[i] ?? 0;
    out.classes[at] = from.classes[i] ?? 0;
    out.places[at] = from.places[i] ?? 0;
  }
}

/** Of a seen and a lost track in one place the one that has been seen for longer stays. */
function withoutDoubles(
  seen: readonly Track[],
  lost: readonly Track[],
  config: TrackerConfig,
): [seen: readonly Track[], lost: readonly Track[]] {
  if (seen.length === 0 || lost.length === 0) return [seen, lost];
  const [a, b] = [boxesOf(seen, emptyBoxes()), boxesOf(lost, emptyBoxes())];
  const gone = new Set<Track>();
  seen.forEach((one, i) => {
    lost.forEach((other, j) => {
      if (!config.class_agnostic && one.classIndex !== other.classIndex) return;
      if (overlapOf(a.boxes, i, b.boxes, j) <= SAME_OBJECT) return;
      const longer = one.lastFrame - one.firstFrame > other.lastFrame - other.firstFrame;
      gone.add(longer ? other : one);
    });
  });
  if (gone.size === 0) return [seen, lost];
  return [seen.filter((track) => !gone.has(track)), lost.filter((track) => !gone.has(track))];
}

/** Confirmed tracks that were seen, in the order of their detections. */
function results<D extends TrackableDetection>(
  detections: readonly D[],
  seen: readonly Track[],
): readonly Tracked<D>[] {
  const box = new Float64Array(4);
  return seen
    .filter(({ confirmed }) => confirmed)
    .toSorted((a, b) => a.detection - b.detection)
    .flatMap(({ state, id, detection: place }) => {
      const detection = detections[place];
      if (detection === undefined) return [];
      writeFilteredBox(state, box, 0);
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = box;
      return [{ ...detection, trackId: id, filteredBox: [x1, y1, x2, y2] as const }];
    });
}

function checkFrame(frame: number, last: number): void {
  if (Number.isSafeInteger(frame) && frame > last) return;
  throw new LowformerError({
    code: 'invalid-argument',
    where: 'update: frame',
    expected: `a whole number above ${last}, the frame before,`,
    received: frame,
    hint: 'Frames are given in their order. reset() starts another sequence.',
  });
}

function checkDetection({ box, score, classIndex }: TrackableDetection, place: number, config: TrackerConfig): void {
  const where = `update: detections[${place}]`;
  if (!Number.isFinite(score) || !box.every(Number.isFinite)) {
    const received = { box, score };
    throw new LowformerError({ code: 'not-a-number', where, expected: 'a finite box and score', received });
  }
  if (config.class_agnostic || classIndex !== undefined) return;
  const expected = 'a classIndex, which class_agnostic: false goes by';
  throw new LowformerError({ code: 'invalid-argument', where, expected });
}
