/**
 * The time stamp of each frame, beside the pixels: ffmpeg's filter `metadata` writes `frame:0 pts:33367 pts_time:0.033367`
 * for every frame that passes, before its pixels are written. Stamps are in microseconds, so that clips with a frame rate
 * that changes keep theirs, whatever their own unit of time.
 */

/** A key of ours, so that there is something to print; what the file itself says of its frames is deleted before. */
const KEY = 'lowformer';

/** Filters that print each frame's stamp to the descriptor 3, in the unit of time that they are given (`settb=AVTB` before them). */
export const STAMPING = [
  'metadata=mode=delete',
  `metadata=mode=add:key=${KEY}:value=1`,
  `metadata=mode=print:key=${KEY}:file='pipe\\:3':direct=1`,
];

/** `frame:0    pts:33367   pts_time:0.033367`; a frame without a stamp has `pts:NOPTS`. */
const LINE = /^frame:\d+ +pts:(\S+)/;

/** Stamps in the order of the frames, as they come. */
export interface FrameTimes {
  push(text: string): void;
  /** No more will come. */
  end(): void;
  /** Seconds of the next frame, waited for; undefined where there is none, NaN where ffmpeg knows none. */
  next(): Promise<number | undefined>;
}

/** None yet. */
export function frameTimes(): FrameTimes {
  const times: number[] = [];
  let taken = 0;
  let rest = '';
  let ended = false;
  let wake = () => {};
  return {
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const stamp = LINE.exec(line)?.[1];
        if (stamp !== undefined) times.push(Number(stamp) / 1e6);
      }
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async next() {
      while (taken === times.length && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const time = times[taken++];
      // What was taken is not kept: a stream may go on for weeks.
      if (taken > 256) {
        times.splice(0, taken);
        taken = 0;
      }
      return time;
    },
  };
}
