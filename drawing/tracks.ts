/** Tracked objects, each in a colour of its own that it keeps from frame to frame. */
import { classIndex } from '../core/brands.js';
import type { RgbImage } from '../core/frame.js';
import type { Detection } from '../core/results.js';
import { type DrawnCounts, paintCountTags, paintPlaces } from './counts.js';
import { type DrawDetectionsOptions, drawDetections } from './detections.js';
import { classColour } from './palette.js';
import { type Point, strokePolyline } from './polyline.js';

export type { Point } from './polyline.js';

/** A detection with the number of its track, from 1. */
export type DrawnTrack = Detection & { readonly trackId: number };

export interface DrawTracksOptions extends Omit<DrawDetectionsOptions, 'palette'> {
  /** Where a track's object was, oldest first: pixels of the picture. Drawn as a line below the boxes. */
  readonly tails?: (trackId: number) => readonly Point[];
  /** Where objects are counted, drawn below tails and boxes, and the counts, drawn above them. */
  readonly counts?: DrawnCounts | undefined;
}

/**
 * A copy of `image` with a box and a tag `#7 name 0.87` for each track, as `drawDetections` has them, with tails, and with counts as
 * `drawCounts` has them.
 * @throws {LowformerError} `missing-package` where tags are wanted and `canvas` is not installed.
 */
export async function drawTracks(
  image: RgbImage,
  tracks: readonly DrawnTrack[],
  { tails, counts, ...options }: DrawTracksOptions = {},
): Promise<RgbImage> {
  const below: RgbImage = tails === undefined && counts === undefined ? image : { ...image, data: image.data.slice() };
  if (counts !== undefined) await paintPlaces(below, counts, options);
  const width = options.lineWidth ?? Math.max(1, Math.round((image.width + image.height) * 0.0015));
  if (tails !== undefined) {
    for (const { trackId } of tracks) strokePolyline(below, tails(trackId), width, classColour(trackId));
  }
  // A track's colour is that of a class with its number.
  const named = tracks.map((track) => ({
    ...track,
    classIndex: classIndex(track.trackId),
    category: `#${track.trackId} ${track.category}`,
  }));
  const drawn = await drawDetections(below, named, options);
  if (counts !== undefined) await paintCountTags(drawn, counts, options);
  return drawn;
}
