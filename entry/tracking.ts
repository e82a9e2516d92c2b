/**
 * `lowformer/tracking`: ByteTrack, detections of frame after frame to tracks, and tracks counted at lines and in zones. Knows of no model and reads no file. No Node API.
 *
 * @module lowformer/tracking
 */
export { type ErrorCode, type ErrorParts, LowformerError } from '../core/errors.js';
export type { Box } from '../core/results.js';
export type { PixelPoint } from '../geometry/polygon_mask.js';
export { type Assignment, createAssignment } from '../tracking/assignment.js';
export { createTracker } from '../tracking/byte_tracker.js';
export type { ClassCounts, CountableTrack } from '../tracking/counted_tracks.js';
export {
  type CountedLine,
  type Crossings,
  createLineCounter,
  type LineCounter,
  type LineCounterOptions,
  type LinePoint,
} from '../tracking/line_counter.js';
export { type MotObject, motLines } from '../tracking/mot.js';
export type { TrackableDetection, Tracked, Tracker } from '../tracking/tracker.js';
export { type TrackerOptions, trackerSchema } from '../tracking/tracker_options.js';
export { createZoneCounter, type ZoneCounter } from '../tracking/zone_counter.js';
