/** Pictures on their way through a model: so many at a time, in the order in which they came, and so many that wait. */
import { onAbort } from '../core/abort.js';

export interface PictureQueue {
  /** Pictures that wait for their turn. */
  readonly waiting: number;
  /** Pictures that are decoded or run. */
  readonly running: number;
  /** Whether so many more may come: those who wait would be more than are let in. */
  hasRoom(pictures: number): boolean;
  /**
   * Calls `work` when it is its turn, which is at once where fewer run than may. That there is room is the caller's to ask.
   * Of one that is aborted before its turn nothing is begun; one that runs keeps its place until `work` ends, and its caller waits no
   * longer.
   * @throws what `work` throws; the signal's reason.
   */
  enter<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result>;
  /** Seconds, 1 to 60, until those that are here now are likely done. */
  secondsLeft(): number;
}

interface Waiting {
  readonly begin: () => void;
}

export interface QueueSizes {
  /** Pictures that run at a time. */
  readonly atOnce: number;
  /** Pictures that may wait besides. */
  readonly most: number;
}

/** What a picture takes before one has been timed, in milliseconds. */
const FIRST_GUESS = 500;

export function pictureQueue({ atOnce, most }: QueueSizes): PictureQueue {
  const line: Waiting[] = [];
  let running = 0;
  let each = FIRST_GUESS;

  const next = (): void => {
    while (running < atOnce) {
      const first = line.shift();
      if (first === undefined) return;
      first.begin();
    }
  };

  return {
    get waiting() {
      return line.length;
    },
    get running() {
      return running;
    },
    hasRoom: (pictures) => running + line.length + pictures <= atOnce + most,
    secondsLeft() {
      const milliseconds = (each * (running + line.length)) / atOnce;
      return Math.min(60, Math.max(1, Math.ceil(milliseconds / 1000)));
    },
    enter(work, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const entry: Waiting = {
          begin() {
            running++;
            const start = performance.now();
            work()
              .then((result) => {
                each += (performance.now() - start - each) / 8;
                resolve(result);
              }, reject)
              .finally(() => {
                off();
                running--;
                next();
              });
          },
        };
        const off = onAbort(signal, () => {
          const at = line.indexOf(entry);
          if (at >= 0) line.splice(at, 1);
          reject(signal.reason);
        });
        line.push(entry);
        next();
      });
    },
  };
}
