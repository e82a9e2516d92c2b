/** Tracks counted at lines and in zones while a sequence is followed. */
import type { Size } from '../core/frame.js';
import type { Detection } from '../core/results.js';
import type { DrawnCounts } from '../drawing/counts.js';
import type { ClassCounts } from '../tracking/counted_tracks.js';
import { createLineCounter } from '../tracking/line_counter.js';
import type { Tracked } from '../tracking/tracker.js';
import { createZoneCounter } from '../tracking/zone_counter.js';
import { type CountOptions, checkInFrame } from './count_options.js';

export interface CountRun {
  /** Takes the next frame. @throws {LowformerError} `invalid-argument` where a line or a zone is not in it. */
  add(tracks: readonly Tracked<Detection>[], size: Size): void;
  /** `counts` of the last frame's record: sums since the first frame, and the tracks that they rose by. */
  record(): object;
  /** As pictures show it. @param from the size of the frames. @param to that of the picture. */
  drawn(from: Size, to: Size): DrawnCounts;
  /** Lines that tell of the whole sequence. */
  summary(): readonly string[];
}

/** undefined where nothing is to be counted. */
export function countRun(options: CountOptions): CountRun | undefined {
  const { countLine = [], countZone = [], countAfter, countMemory } = options;
  if (countLine.length + countZone.length === 0) return undefined;
  const how = {
    ...(countAfter === undefined ? {} : { minimum_crossing_threshold: countAfter }),
    ...(countMemory === undefined ? {} : { frames_until_forgotten: countMemory }),
  };
  const lines = countLine.map((line) => ({ ...line, counter: createLineCounter(line, how) }));
  const zones = countZone.map((zone) => ({ ...zone, counter: createZoneCounter(zone.polygon) }));
  const names = new Map<number | undefined, string>();
  let last: { readonly lines: Entries; readonly zones: Entries } = { lines: [], zones: [] };

  return {
    add(tracks, size) {
      checkInFrame(options, size);
      for (const { classIndex, category } of tracks) names.set(classIndex, category);
      const ids = (places: readonly number[]) => places.flatMap((place) => tracks[place]?.trackId ?? []);
      last = {
        lines: lines.map(({ name, counter }) => {
          const crossed = counter.update(tracks);
          const by_class = byName(names, { in: counter.inByClass, out: counter.outByClass });
          const moved = { crossed_in: ids(crossed.in), crossed_out: ids(crossed.out) };
          return [name, { in: counter.in, out: counter.out, by_class, ...moved }];
        }),
        zones: zones.map(({ name, counter }) => {
          const track_ids = ids(counter.update(tracks));
          const by_class = byName(names, { inside: counter.insideByClass, tracks: counter.tracksByClass });
          return [name, { inside: counter.inside, tracks: counter.tracks, by_class, track_ids }];
        }),
      };
    },
    record: () => ({ lines: Object.fromEntries(last.lines), zones: Object.fromEntries(last.zones) }),
    drawn(from, to) {
      const [across, down] = [to.width / from.width, to.height / from.height];
      const at = ([x, y]: readonly [number, number]) => [x * across, y * down] as const;
      return {
        lines: lines.map(({ name, start, end, counter }) => ({
          name,
          start: at(start),
          end: at(end),
          in: counter.in,
          out: counter.out,
        })),
        zones: zones.map(({ name, polygon, counter }) => ({
          name,
          polygon: polygon.map(at),
          inside: counter.inside,
          tracks: counter.tracks,
        })),
      };
    },
    summary: () => [
      ...lines.map(({ name, counter }) => `line ${name}: ${counter.in} in, ${counter.out} out`),
      ...zones.map(
        ({ name, counter }) => `zone ${name}: ${counter.inside} inside at the end, ${counter.tracks} in all`,
      ),
    ],
  };
}

type Entries = readonly (readonly [name: string, counts: object])[];

/** `{ RBC: { in: 3, out: 1 } }`: every class that any of the counts has, and two of one name together. */
function byName(names: ReadonlyMap<number | undefined, string>, counts: Readonly<Record<string, ClassCounts>>): object {
  const zeros = Object.fromEntries(Object.keys(counts).map((key) => [key, 0]));
  const table = new Map<string, Record<string, number>>();
  for (const [key, byClass] of Object.entries(counts)) {
    for (const [classIndex, count] of byClass) {
      const name = names.get(classIndex) ?? `${classIndex}`;
      const row = table.get(name) ?? { ...zeros };
      row[key] = (row[key] ?? 0) + count;
      table.set(name, row);
    }
  }
  return Object.fromEntries(table);
}
