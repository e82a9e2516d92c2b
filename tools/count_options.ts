/** Options that count tracked objects at lines and in zones. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import { positiveInteger } from './common_options.js';

const pointSchema = z.tuple([z.number(), z.number()]).readonly();
const lineSchema = z.object({ name: z.string(), start: pointSchema, end: pointSchema }).readonly();
const zoneSchema = z.object({ name: z.string(), polygon: z.array(pointSchema).readonly() }).readonly();
type Point = z.output<typeof pointSchema>;
type CountLine = z.output<typeof lineSchema>;
type CountZone = z.output<typeof zoneSchema>;

/** What `withCountOptions` adds; none is set unless it was given. */
export const countOptionsSchema = z.object({
  countLine: z.array(lineSchema).readonly().optional(),
  countZone: z.array(zoneSchema).readonly().optional(),
  countAfter: z.number().optional(),
  countMemory: z.number().optional(),
});
export type CountOptions = z.output<typeof countOptionsSchema>;

/** Adds what counts tracks. */
export function withCountOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--count-line <name=x1,y1,x2,y2>',
        'count tracks that cross a line, in to its left and out to its right; pixels of the frame; may be repeated',
      ).argParser(countLine),
    )
    .addOption(
      new Option(
        '--count-zone <name=x1,y1,x2,y2,x3,y3,…>',
        'count tracks in a polygon by the middle of the lower edge of their box; may be repeated',
      ).argParser(countZone),
    )
    .addOption(
      new Option(
        '--count-after <n>',
        'frames beyond a line after which a track has crossed it; by default 1',
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option(
        '--count-memory <n>',
        'frames without a track after which its side of a line is forgotten; by default one more than --count-after',
      ).argParser(positiveInteger),
    );
}

/** @throws {LowformerError} `invalid-argument` for options of lines without a line. */
export function checkCountOptions({ countLine: lines, countAfter, countMemory }: CountOptions): void {
  if (lines !== undefined) return;
  for (const [where, received] of Object.entries({ '--count-after': countAfter, '--count-memory': countMemory })) {
    if (received === undefined) continue;
    throw new LowformerError({ code: 'invalid-argument', where, expected: '--count-line beside it,', received });
  }
}

/**
 * A line or a zone may reach the edges of the frames, 0 and their width or height, and no farther.
 * @throws {LowformerError} `invalid-argument`.
 */
export function checkInFrame({ countLine: lines = [], countZone: zones = [] }: CountOptions, size: Size): void {
  const places = [
    ...lines.map(({ name, start, end }) => ({ option: '--count-line', name, points: [start, end] })),
    ...zones.map(({ name, polygon }) => ({ option: '--count-zone', name, points: polygon })),
  ];
  for (const { option, name, points } of places) {
    const outside = points.find(([x, y]) => x > size.width || y > size.height);
    if (outside === undefined) continue;
    throw new LowformerError({
      code: 'invalid-argument',
      where: `${option} ${name}`,
      expected: `points in the frame, 0,0 to ${size.width},${size.height},`,
      received: outside.join(','),
      hint: 'They are in pixels of the frames as they are read.',
    });
  }
}

function countLine(text: string, before: readonly CountLine[] = []): readonly CountLine[] {
  const { name, points } = placeOf(text, before);
  const [start, end, more] = points;
  if (start === undefined || end === undefined || more !== undefined) {
    throw wrong(
      `Expected two points, NAME=x1,y1,x2,y2, but there ${points.length === 1 ? 'is 1' : `are ${points.length}`}.`,
    );
  }
  if (start.join() === end.join()) throw wrong('Expected two points that differ.');
  return [...before, { name, start, end }];
}

function countZone(text: string, before: readonly CountZone[] = []): readonly CountZone[] {
  const { name, points } = placeOf(text, before);
  if (points.length < 3) {
    throw wrong(
      `Expected three points or more, NAME=x1,y1,x2,y2,x3,y3, but there ${points.length === 1 ? 'is 1' : `are ${points.length}`}.`,
    );
  }
  if (isFlat(points)) throw wrong('Expected points that do not lie on one line.');
  return [...before, { name, polygon: points }];
}

/** Larger pictures have no whole file format. */
const FARTHEST = 32767;

/** `NAME=x,y,…`; a name may have commas, and no `=`. */
function placeOf(text: string, before: readonly { readonly name: string }[]) {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(0, equals)).trim();
  if (name === '' || /\p{C}/u.test(name)) throw wrong('Expected a name and numbers: NAME=x1,y1,x2,y2.');
  if (before.some((other) => other.name === name)) throw wrong(`The name '${name}' is given twice.`);
  const numbers = text
    .slice(equals + 1)
    .split(',')
    .map((part) => {
      const value = Number(part);
      if (/^\s*\d+\s*$/.test(part) && value <= FARTHEST) return value;
      throw wrong(`Expected whole pixels from 0 to ${FARTHEST}, but one is '${part.trim()}'.`);
    });
  if (numbers.length % 2 !== 0) throw wrong(`Expected two numbers a point, but there are ${numbers.length} in all.`);
  const points = numbers.flatMap((x, i): readonly Point[] => (i % 2 === 0 ? [[x, numbers[i + 1] ?? 0]] : []));
  return { name, points };
}

/** Whether all points lie on one line. */
function isFlat(points: readonly Point[]): boolean {
  const [[x, y] = [0, 0], ...others] = points;
  const [dx, dy] = others
    .map((point) => [point[0] - x, point[1] - y] as const)
    .find(([a, b]) => a !== 0 || b !== 0) ?? [0, 0];
  return others.every((point) => dx * (point[1] - y) === dy * (point[0] - x));
}

function wrong(message: string): InvalidArgumentError {
  return new InvalidArgumentError(message);
}
