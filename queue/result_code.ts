/** Results as they travel: small, as JSON, and back to the same numbers to the bit. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { classIndex } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import type { Note } from '../core/notes.js';
import type { Result } from '../core/results.js';
import type { ClassLabel } from '../tasks/classes.js';

const size = { width: z.int().positive(), height: z.int().positive() };
const place = z.int().min(0);

/** Classes by their place: whoever gave the work out knows their names. */
const resultSchema = z.discriminatedUnion('kind', [
  /** A box a row: x1, y1, x2, y2, score, class. */
  z.strictObject({
    kind: z.literal('detection'),
    ...size,
    rows: z.array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), place])),
  }),
  /** Labels row by row, of 8 or 16 bits (little endian), deflated, in base64; a class a row: class, pixels. */
  z.strictObject({
    kind: z.literal('segmentation'),
    ...size,
    bits: z.union([z.literal(8), z.literal(16)]),
    labels: z.base64(),
    classes: z.array(z.tuple([place, place])),
  }),
  /** A class a row, best first: class, score. */
  z.strictObject({
    kind: z.literal('classification'),
    ...size,
    ranking: z.array(z.tuple([place, z.number()])),
  }),
]);
type EncodedResult = z.output<typeof resultSchema>;

const noteSchema = z.strictObject({
  kind: z.string(),
  where: z.string(),
  message: z.string(),
  count: z.int(),
  examples: z.array(z.string()),
});

const ERROR_CODES = [
  'unreadable-image',
  'unreadable-file',
  'invalid-argument',
  'invalid-config',
  'out-of-memory',
  'lost-device',
  'not-a-number',
  'engine-failure',
] as const;

const failureSchema = z.strictObject({
  code: z.enum(ERROR_CODES),
  where: z.string(),
  expected: z.string(),
  received: z.unknown().optional(),
  hint: z.string().optional(),
  commandHint: z.string().optional(),
  /** The picture's path on the worker. */
  file: z.string(),
});
export type EncodedFailure = z.output<typeof failureSchema>;

/** What came of one picture. */
export const outcomeSchema = z.union([
  z.strictObject({ result: resultSchema, notes: z.array(noteSchema) }),
  z.strictObject({ failure: failureSchema }),
]);
export type EncodedOutcome = z.output<typeof outcomeSchema>;

/** Floats travel in their shortest decimal form, which leads back to the same one. */
export function encodeResult(result: Result, notes: readonly Note[]): EncodedOutcome {
  return { result: encoded(result), notes: notes.map((note) => ({ ...note, examples: [...note.examples] })) };
}

function encoded(result: Result): EncodedResult {
  const { width, height } = result;
  switch (result.kind) {
    case 'detection': {
      const rows = result.detections.map(({ box: [x1, y1, x2, y2], score, classIndex: index }) => {
        return [x1, y1, x2, y2, score, Number(index)] satisfies [number, number, number, number, number, number];
      });
      return { kind: 'detection', width, height, rows };
    }
    case 'segmentation': {
      const { labels, classes } = result;
      const bytes = new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);
      return {
        kind: 'segmentation',
        width,
        height,
        bits: labels instanceof Uint8Array ? 8 : 16,
        labels: deflateRawSync(bytes, { level: 1 }).toString('base64'),
        classes: classes.map(({ classIndex: index, pixels }) => [Number(index), pixels]),
      };
    }
    case 'classification':
      return {
        kind: 'classification',
        width,
        height,
        ranking: result.ranking.map(({ classIndex: index, score }) => [Number(index), score]),
      };
  }
}

/** @throws {LowformerError} `invalid-argument` for what is no result of such a network. */
export function decodeResult(result: EncodedResult, labels: readonly ClassLabel[]): Result {
  const { width, height } = result;
  switch (result.kind) {
    case 'detection':
      return {
        kind: 'detection',
        width,
        height,
        detections: result.rows.map(([x1, y1, x2, y2, score, index]) => ({
          box: [x1, y1, x2, y2],
          score,
          ...labelAt(labels, index),
        })),
      };
    case 'segmentation': {
      const most = (width * height * result.bits) / 8;
      // Copied, so that 16 bits stand where they may be read as such.
      const bytes = Uint8Array.from(
        inflateRawSync(Buffer.from(result.labels, 'base64'), { maxOutputLength: most + 1 }),
      );
      if (bytes.length !== most) throw unfit(`${most} bytes of labels`, bytes.length);
      const classes = result.classes.map(([index, pixels]) => ({
        classIndex: classIndex(index),
        category: labelAt(labels, index).category,
        pixels,
      }));
      const map = result.bits === 8 ? bytes : new Uint16Array(bytes.buffer);
      return { kind: 'segmentation', width, height, labels: map, classes };
    }
    case 'classification':
      return {
        kind: 'classification',
        width,
        height,
        ranking: result.ranking.map(([index, score]) => {
          const { category } = labelAt(labels, index);
          return { classIndex: classIndex(index), category, score };
        }),
      };
  }
}

function labelAt(labels: readonly ClassLabel[], index: number): ClassLabel {
  const label = labels[index];
  if (label === undefined) throw unfit(`a class from 0 to ${labels.length - 1}`, index);
  return label;
}

function unfit(expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where: 'result of a worker', expected, received });
}

/** What keeps one picture from having a result. @param file its path on the worker. */
export function encodeFailure({ parts }: LowformerError, file: string): EncodedOutcome {
  const { where, expected, received, hint, commandHint } = parts;
  const code = ERROR_CODES.find((known) => known === parts.code) ?? 'engine-failure';
  return {
    failure: {
      code,
      where,
      expected,
      ...(received === undefined ? {} : { received }),
      ...(hint === undefined ? {} : { hint }),
      ...(commandHint === undefined ? {} : { commandHint }),
      file,
    },
  };
}

/** @param source what the picture is to be called, in place of its path on the worker. */
export function decodeFailure(failure: EncodedFailure, source: string): LowformerError {
  const { received, hint, commandHint, where, file, ...parts } = failure;
  return new LowformerError({
    ...parts,
    where: where === file ? source : where,
    ...(received === undefined ? {} : { received }),
    ...(hint === undefined ? {} : { hint }),
    ...(commandHint === undefined ? {} : { commandHint }),
  });
}
