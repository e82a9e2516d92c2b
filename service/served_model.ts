/** A model that is served: it has a name and a queue, and takes bytes to results. */
import type { RgbImage } from '../core/frame.js';
import { collectNotes, type Note, type Notes } from '../core/notes.js';
import type { Result } from '../core/results.js';
import { decodeImage } from '../images/decode.js';
import { batching } from '../models/batching.js';
import type { LoadedModel } from '../models/load_model.js';
import type { StageTiming } from '../tasks/predictor.js';
import type { ServiceLimits } from './limits.js';
import type { GivenPicture } from './picture_body.js';
import { type PictureQueue, pictureQueue } from './picture_queue.js';
import { RequestError } from './request_error.js';
import type { ServiceMetrics, Stage } from './service_metrics.js';

/** What came of a picture. */
export interface Prediction {
  readonly image: RgbImage;
  readonly result: Result;
  /** What is odd about the file, and was read all the same. */
  readonly notes: readonly Note[];
}

export interface ServedModel extends AsyncDisposable {
  readonly name: string;
  readonly facts: Pick<LoadedModel, 'task' | 'device' | 'engine' | 'classes' | 'palette' | 'parameters'>;
  /** Milliseconds since 1970. */
  readonly loadedAt: number;
  readonly queue: PictureQueue;
  /**
   * Decodes a picture and runs the network, when it is its turn, which ends with what `use` makes of it: pixels are held no longer.
   * @throws {LowformerError} `unreadable-image` and its like; {RequestError} for more pixels than are let in; the signal's reason.
   */
  predict<Answer>(
    picture: GivenPicture,
    signal: AbortSignal,
    use: (prediction: Prediction) => Answer | Promise<Answer>,
  ): Promise<Answer>;
}

export interface ServingOptions {
  readonly limits: Pick<ServiceLimits, 'pixels' | 'waiting'>;
  /** Copies of the network that the model has. */
  readonly sessions: number;
  /** Pictures that share a run of the network, where as many wait. */
  readonly maxBatch: number;
  /** Milliseconds that one waits for others. */
  readonly maxWait: number;
  /** Counts pictures and times what they go through. */
  readonly metrics?: Pick<ServiceMetrics, 'picture' | 'stage'>;
}

/** Takes a loaded model over: disposing of the served one disposes of it. */
export function servedModel(name: string, loaded: LoadedModel, options: ServingOptions): ServedModel {
  const { limits, sessions, maxBatch, maxWait, metrics } = options;
  const model = maxBatch === 1 ? loaded : batching(loaded, { maxBatch, maxWait });
  // Each session is at a batch, and one more is decoded meanwhile: no more pixels than that are held.
  const queue = pictureQueue({ atOnce: (sessions + 1) * maxBatch, most: limits.waiting });
  const { task, device, engine, classes, palette, parameters } = loaded;
  const stage = (which: Stage, milliseconds: number) => metrics?.stage(name, which, milliseconds / 1000);
  const pixelsOf = async (picture: GivenPicture, notes: Notes): Promise<RgbImage> => {
    const { file } = picture;
    if ('image' in picture) {
      checkPixels(file, picture.image.width * picture.image.height, limits.pixels);
      return picture.image;
    }
    const admit = async (size: number) => checkPixels(file, size / 3, limits.pixels);
    return await decodeImage(picture.bytes, { name: file, notes, admit });
  };
  return {
    name,
    facts: { task, device, engine, classes, palette, parameters },
    loadedAt: Date.now(),
    queue,
    async predict(picture, signal, use) {
      const asked = performance.now();
      const work = async () => {
        const begun = performance.now();
        stage('queue', begun - asked);
        const notes = collectNotes();
        const image = await pixelsOf(picture, notes);
        stage('decode', performance.now() - begun);
        signal.throwIfAborted();
        const onTiming = ({ prepare, network, decode }: StageTiming) => {
          stage('prepare', prepare);
          stage('network', network);
          stage('postprocess', decode);
        };
        const result = await model.predict(image, { signal, onTiming });
        const found = performance.now();
        const answer = await use({ image, result, notes: notes.list() });
        stage('answer', performance.now() - found);
        return answer;
      };
      try {
        const answer = await queue.enter(work, signal);
        metrics?.picture(name, 'answered');
        return answer;
      } catch (error) {
        metrics?.picture(name, signal.aborted ? 'abandoned' : 'failed');
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => model.dispose(),
  };
}

/** @throws {RequestError} `too-many-pixels` for more than `most`. */
export function checkPixels(where: string, pixels: number, most: number): void {
  if (pixels <= most) return;
  const parts = { status: 413, code: 'too-many-pixels', where, expected: `at most ${most} pixels` } as const;
  throw new RequestError({ ...parts, received: pixels, hint: 'Make it smaller first.' });
}
