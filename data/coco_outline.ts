/** COCO's `segmentation`: polygons, each a part of its object, or the runs of a mask. */
import { expandRuns, type MaskRuns } from '../geometry/mask_runs.js';
import type { Shape } from '../geometry/shape.js';
import { type Place, wrongEntry } from './json_entry.js';
import { JsonReader } from './json_reader.js';

/**
 * Passes over it, and reads it when it is asked for: of a large file, nothing but its bytes is held.
 * @returns what reads it; undefined where there is none. It throws `invalid-argument`, with the entry, for what is no outline.
 */
export function readOutline(json: JsonReader, place: Place): (() => Shape | undefined) | undefined {
  const where = place('segmentation');
  const start = json.position();
  json.skip();
  const bytes = json.since(start);
  return () => outlineOf(new JsonReader(bytes, where).value(), where);
}

function outlineOf(value: unknown, where: string): Shape | undefined {
  if (value === null) return undefined;
  if (Array.isArray(value)) {
    const parts: readonly unknown[] = value;
    const polygons = parts.flatMap((part, i) => {
      const ring = numbersOf(part);
      if (ring?.length === 0) return [];
      if (ring === undefined || ring.length < 6 || ring.length % 2 !== 0) {
        throw wrongEntry(`${where}[${i}]`, 'a polygon of three corners or more: x1, y1, x2, y2, …', part);
      }
      return [{ outer: ring, holes: [] }];
    });
    return polygons.length === 0 ? undefined : { kind: 'polygons', polygons };
  }
  const [counts, given] = [member(value, 'counts'), numbersOf(member(value, 'size'))];
  const [height, width] = given ?? [];
  if (height === undefined || width === undefined) throw wrongEntry(where, EXPECTED, value);
  const runs = typeof counts === 'string' ? expanded(counts, where) : numbersOf(counts);
  if (runs === undefined) throw wrongEntry(`${where}.counts`, 'lengths of runs, or their compressed form', counts);
  const total = runs.reduce((sum, run) => sum + run, 0);
  if (total !== height * width || runs.some((run) => run < 0 || !Number.isInteger(run))) {
    throw wrongEntry(`${where}.counts`, `runs of ${height * width} pixels, as size says`, total);
  }
  return { kind: 'runs', runs, size: { width, height } };
}

const EXPECTED = 'polygons [[x1, y1, x2, y2, …], …], or runs {"size": [height, width], "counts": …}';

function numbersOf(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list: readonly unknown[] = value;
  const numbers = list.filter((one): one is number => typeof one === 'number' && Number.isFinite(one));
  return numbers.length === list.length ? numbers : undefined;
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

function expanded(counts: string, where: string): MaskRuns {
  try {
    return expandRuns(counts);
  } catch (cause) {
    const hint = cause instanceof Error ? cause.message : '';
    throw wrongEntry(`${where}.counts`, "pycocotools' compressed runs", counts.slice(0, 40), hint);
  }
}
