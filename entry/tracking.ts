/**
 * `lowformer/tracking`: ByteTrack, detections of frame after frame to tracks. Knows of no model and reads no file. No Node API.
 *
 * @module lowformer/tracking
 */
export { type ErrorCode, type ErrorParts, LowformerError } from '../core/errors.js';
export type { Box } from '../core/results.js';
export { type Assignment, createAssignment } from '../tracking/assignment.js';
export { createTracker } from '../tracking/byte_tracker.js';
export { type MotObject, motLines } from '../tracking/mot.js';
export type { TrackableDetection, Tracked, Tracker } from '../tracking/tracker.js';
export { type TrackerOptions, trackerSchema } from '../tracking/tracker_options.js';
