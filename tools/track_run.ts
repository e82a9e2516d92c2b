/** Objects followed through the frames that `detect` is given. */
import { dirname, resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import type { RgbImage, Size } from '../core/frame.js';
import type { Detection, Detections } from '../core/results.js';
import { handful } from '../data/files.js';
import { drawTracks, type Point } from '../drawing/tracks.js';
import { writeImage } from '../drawing/write_png.js';
import { checkWritable, type GrowingFile, openGrowing, openWhole } from '../files/atomic_write.js';
import { naturalOrder } from '../files/natural_order.js';
import { countByClass, detectionEntry, detectionRecord } from '../models/result_records.js';
import { createTracker } from '../tracking/byte_tracker.js';
import { motLines } from '../tracking/mot.js';
import type { Tracked } from '../tracking/tracker.js';
import { atSize } from './at_size.js';
import { countRun } from './count_run.js';
import type { PictureRun } from './picture_run.js';
import type { TrackOptions } from './track_options.js';

/** What a command does with the results of a sequence; disposing of it before it is finished leaves no file, but of a stream. */
export interface TrackingRun extends AsyncDisposable {
  readonly run: Pick<PictureRun<Detections>, 'sequence' | 'record' | 'summary' | 'paint' | 'drawing'>;
}

/**
 * A tracker over the frames of one sequence. All detections go in; of those that come out, what scores less than `scoreThr` is
 * neither written, drawn nor counted.
 * @throws {LowformerError} `unwritable-file` where `--mot` cannot be written; known before the work is done.
 */
export async function trackSequence(
  options: TrackOptions,
  { scoreThr }: { readonly scoreThr: number },
): Promise<TrackingRun> {
  const tracker = createTracker({
    ...(options.trackThr === undefined ? {} : { obj_score_thrs: thresholds(options.trackThr) }),
    ...(options.trackBuffer === undefined ? {} : { num_frames_retain: options.trackBuffer }),
    class_agnostic: options.trackByClass !== true,
  });
  const { mot } = options;
  if (mot !== undefined) await checkWritable(mot);
  let text: GrowingFile | undefined;
  let open: (path: string) => Promise<GrowingFile> = openWhole;
  const write = async (path: string, lines: string) => {
    text ??= await open(path);
    await text.append(lines);
  };
  const counts = countRun(options);
  const ids = new Set<number>();
  const tails = createTails(options.trackTail ?? 0);
  let size: Size | undefined;
  return {
    run: {
      sequence: {
        order: oneSequence,
        writes: mot !== undefined,
        begin(endless) {
          open = endless ? openGrowing : openWhole;
        },
        async follow(result, frame) {
          size = sameSize(result, size, frame);
          const detections = tracker.update(result.detections, frame).filter(({ score }) => score >= scoreThr);
          for (const { trackId } of detections) ids.add(trackId);
          tails.add(frame, detections);
          counts?.add(detections, result);
          if (mot !== undefined) await write(mot, motLines(frame, detections));
          return { ...result, detections };
        },
        async finish() {
          if (mot !== undefined) await write(mot, '');
          await text?.finish();
          return [
            `${ids.size} ${ids.size === 1 ? 'track' : 'tracks'}${mot === undefined ? '' : `, written to ${mot}`}`,
            ...(counts?.summary() ?? []),
          ];
        },
      },
      record: (file, result) => ({
        ...detectionRecord(file, result, []),
        detections: tracksOf(result).map((one) => ({ ...detectionEntry(one), track_id: one.trackId })),
        ...(counts === undefined ? {} : { counts: counts.record() }),
      }),
      summary: ({ detections }) => countByClass(detections),
      paint: (image: RgbImage, result: Detections) =>
        drawTracks(image, tracksOf(result), { tails: tails.points, counts: counts?.drawn(result, image) }),
      drawing: {
        endings: ['.png'],
        draw: async (base: string, image: RgbImage, result: Detections) => {
          const [across, down] = [image.width / result.width, image.height / result.height];
          const way = (trackId: number) => tails.points(trackId).map(([x, y]): Point => [x * across, y * down]);
          const how = { tails: way, counts: counts?.drawn(result, image) };
          await writeImage(`${base}.png`, await drawTracks(image, atSize(tracksOf(result), result, image), how));
        },
      },
    },
    [Symbol.asyncDispose]: async () => await text?.[Symbol.asyncDispose](),
  };
}

/** What `follow` gave. */
function tracksOf({ detections }: Detections): readonly Tracked<Detection>[] {
  return detections.filter((detection) => isTracked(detection));
}

function isTracked(detection: Detection): detection is Tracked<Detection> {
  return 'trackId' in detection;
}

/** Where objects were in the last `length` frames. */
function createTails(length: number) {
  const kept = new Map<number, { readonly frame: number; readonly at: Point }[]>();
  return {
    add(frame: number, detections: readonly Tracked<Detection>[]): void {
      if (length === 0) return;
      for (const { trackId, box } of detections) {
        const at = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] as const;
        kept.set(trackId, [...(kept.get(trackId) ?? []), { frame, at }]);
      }
      for (const [id, places] of kept) {
        const recent = places.filter((place) => frame - place.frame <= length);
        if (recent.length === 0) kept.delete(id);
        else kept.set(id, recent);
      }
    },
    /** Of a track, oldest first. */
    points: (trackId: number): readonly Point[] => kept.get(trackId)?.map(({ at }) => at) ?? [],
  };
}

/** A high threshold below the usual low one takes that down with it. */
function thresholds(high: number) {
  return high < LOW ? { high, low: high } : { high };
}
/** `obj_score_thrs.low` unless told otherwise. */
const LOW = 0.1;

/** @throws {LowformerError} `invalid-argument` for pictures of several folders. */
function oneSequence(files: readonly string[]): readonly string[] {
  const folders = [...new Set(files.map((file) => dirname(resolve(file))))];
  if (folders.length > 1) {
    throw new LowformerError({
      code: 'invalid-argument',
      where: '--track',
      expected: 'frames of one sequence, in one folder,',
      received: `pictures of ${folders.length} folders (${handful(folders)})`,
      hint: 'Call the command once for each. Frames are taken in the order of their names, frame_2 before frame_10.',
    });
  }
  return files.toSorted(naturalOrder);
}

/** @throws {LowformerError} `invalid-argument` for a frame of another size than those before it. */
function sameSize({ width, height }: Size, before: Size | undefined, frame: number): Size {
  if (before === undefined || (before.width === width && before.height === height)) return { width, height };
  throw new LowformerError({
    code: 'invalid-argument',
    where: '--track',
    expected: `frames of one size, ${before.width}x${before.height} as those before,`,
    received: `${width}x${height}, frame ${frame}`,
    hint: 'Boxes of pictures of different sizes are in pixels that have nothing to do with each other.',
  });
}
