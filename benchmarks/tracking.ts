/** Time of ByteTrack alone: 1,000 frames of 100 boxes that drift and cross, some of them missed, with some that are none. */
import { median, minimum, noise, othersIn, spread, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { createTracker } from '../tracking/byte_tracker.js';
import { bar, type Report } from './report.js';

const FRAMES = 1000;
const BOXES = 100;
const [WIDTH, HEIGHT] = [1920, 1080];

interface Box {
  readonly box: readonly [number, number, number, number];
  readonly score: number;
  readonly category: string;
}

/** @param side of a box in pixels: the larger, the more of them overlap, and the more there is to assign. */
function sequence(side: number): readonly (readonly Box[])[] {
  const [place, pace, score, luck] = [noise(0, 1, 5), noise(-4, 4, 6), noise(0.05, 1, 7), noise(0, 1, 8)];
  const objects = Array.from({ length: BOXES }, () => ({
    x: place() * WIDTH,
    y: place() * HEIGHT,
    across: pace(),
    down: pace(),
  }));
  const wrapped = (value: number, most: number) => ((value % most) + most) % most;
  return Array.from({ length: FRAMES }, (_, frame) =>
    objects.map(({ x, y, across, down }) => {
      const isMissed = luck() < 0.05;
      const left = isMissed ? place() * WIDTH : wrapped(x + frame * across, WIDTH);
      const top = isMissed ? place() * HEIGHT : wrapped(y + frame * down, HEIGHT);
      return { box: [left, top, left + side, top + side], score: score(), category: 'thing' };
    }),
  );
}

/** The bar: a second for all frames. */
export async function benchmarkTracking(rounds = 9): Promise<Report> {
  const cases = [40, 120].map((side) => ({ side, frames: sequence(side) }));
  const follow = (frames: readonly (readonly Box[])[]) => {
    const tracker = createTracker();
    let tracked = 0;
    for (const detections of frames) tracked += tracker.update(detections).length;
    return tracked;
  };
  const laps = await takeTurns(
    cases.map(
      ({ frames }) =>
        () =>
          void follow(frames),
    ),
    { rounds, warmUp: 2 },
  );
  return {
    title: 'Tracking',
    how: `ByteTrack over ${FRAMES} frames of ${BOXES} detections in ${WIDTH}x${HEIGHT}, one in twenty of them anywhere; one thread. ${rounds} rounds after 2 to warm up, milliseconds for all frames; other processes took ${othersIn(laps)} of the processors at most.`,
    rows: cases.map(({ side, frames }, i) => {
      const own = timesOf(laps, i);
      return {
        boxes: `${side}x${side}`,
        median: median(own),
        minimum: minimum(own),
        spread: spread(own),
        tracked: follow(frames),
        ...bar(median(own), 1000),
      };
    }),
  };
}
