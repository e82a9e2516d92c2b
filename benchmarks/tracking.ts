/**
 * Time of ByteTrack, and of counting what it finds: 1,000 frames of 100 boxes that drift and cross, some of them missed, with some
 * that are none; tracks at four lines and in four zones.
 */
import { median, minimum, noise, othersIn, spread, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { createTracker } from '../tracking/byte_tracker.js';
import { createLineCounter } from '../tracking/line_counter.js';
import type { Tracked } from '../tracking/tracker.js';
import { createZoneCounter } from '../tracking/zone_counter.js';
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

type Tracks = readonly (readonly Tracked<Box>[])[];

function follow(frames: readonly (readonly Box[])[]): Tracks {
  const tracker = createTracker();
  return frames.map((detections) => tracker.update(detections));
}

/** Four lines across the frame and upright, four zones of four, eight, sixteen and 32 corners. @returns crossings, and tracks in zones. */
function count(tracks: Tracks): number {
  const lines = [0.25, 0.75].flatMap((part) => [
    createLineCounter({ start: [0, part * HEIGHT], end: [WIDTH, part * HEIGHT] }),
    createLineCounter({ start: [part * WIDTH, 0], end: [part * WIDTH, HEIGHT] }),
  ]);
  const zones = [4, 8, 16, 32].map((corners, i) =>
    createZoneCounter(
      Array.from({ length: corners }, (_, corner) => {
        const angle = (2 * Math.PI * corner) / corners;
        const across = 0.2 * (i + 1) + 0.1 * Math.cos(angle);
        return [Math.round(across * WIDTH), Math.round((0.5 + 0.3 * Math.sin(angle)) * HEIGHT)] as const;
      }),
    ),
  );
  for (const of of tracks) for (const counter of [...lines, ...zones]) counter.update(of);
  return lines.reduce((sum, line) => sum + line.in + line.out, 0) + zones.reduce((sum, zone) => sum + zone.tracks, 0);
}

/** The bar: a second for all frames, and as long for counting. */
export async function benchmarkTracking(rounds = 9): Promise<Report> {
  const sequences = [40, 120].map((side) => ({ side, frames: sequence(side) }));
  const cases = sequences.flatMap(({ side, frames }) => {
    const tracks = follow(frames);
    const boxes = `${side}x${side}`;
    return [
      { work: 'tracking', boxes, found: tracks.flat().length, run: () => void follow(frames) },
      { work: 'counting, 4 lines and 4 zones', boxes, found: count(tracks), run: () => void count(tracks) },
    ];
  });
  const laps = await takeTurns(
    cases.map(({ run }) => run),
    { rounds, warmUp: 2 },
  );
  return {
    title: 'Tracking and counting',
    how: `ByteTrack over ${FRAMES} frames of ${BOXES} detections in ${WIDTH}x${HEIGHT}, one in twenty of them anywhere, and its tracks at four lines and in four zones; one thread. ${rounds} rounds after 2 to warm up, milliseconds for all frames; "found" are tracked boxes, or crossings and tracks in zones; other processes took ${othersIn(laps)} of the processors at most.`,
    rows: cases.map(({ work, boxes, found }, i) => {
      const own = timesOf(laps, i);
      return {
        work,
        boxes,
        median: median(own),
        minimum: minimum(own),
        spread: spread(own),
        found,
        ...bar(median(own), 1000),
      };
    }),
  };
}
