/** What can be asked of a model: the command line's verbs, with those of its options that concern an answer. */
import { z } from 'zod';
import type { Classification, Detections, Result, SegmentationMap } from '../core/results.js';
import { classificationRecord, detectionRecord, segmentationRecord } from '../models/result_records.js';
import type { TaskKind } from '../registry/define_task.js';
import { schemaError } from '../registry/schema_error.js';
import { RequestError } from './request_error.js';

/** An entry of the JSON, as the command line writes it. */
export type RecordOf = (file: string, result: Result) => object;

export interface Verb {
  readonly task: TaskKind;
  readonly description: string;
  /** Of the query. */
  readonly options: z.ZodType;
  /** @throws {RequestError} for an option that there is not, or that has another value. */
  readonly recordBy: (query: unknown) => RecordOf;
}

interface VerbParts<R extends Result, Options extends z.ZodType> {
  readonly task: R['kind'];
  readonly description: string;
  readonly options: Options;
  readonly record: (file: string, result: R, options: z.output<Options>) => object;
}

function defineVerb<R extends Result>() {
  return <Options extends z.ZodType>({ task, description, options, record }: VerbParts<R, Options>): Verb => {
    const isOwn = (result: Result): result is R => result.kind === task;
    return {
      task,
      description,
      options,
      recordBy(query) {
        const parsed = options.safeParse(query);
        if (!parsed.success) throw wrongOption(parsed.error, query, options);
        return (file, result) => {
          if (!isOwn(result)) throw new RangeError(`a result of ${result.kind} for ${task}`);
          return record(file, result, parsed.data);
        };
      },
    };
  };
}

/** A number as an address has it: digits, a point, an exponent; neither nothing nor a space. */
const numeral = (expected: string) =>
  z
    .string({ error: expected })
    .regex(/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i, { error: expected })
    .transform(Number);

const PROBABILITY = 'expected a number from 0 to 1';
const WHOLE = 'expected a whole number of 1 or more';

export const VERBS = {
  detect: defineVerb<Detections>()({
    task: 'detection',
    description: 'boxes, best first',
    options: z.strictObject({
      'score-thr': numeral(PROBABILITY)
        .pipe(z.number().min(0, { error: PROBABILITY }).max(1, { error: PROBABILITY }))
        .optional()
        .describe("lowest score that is told; by default all that the config's test_cfg lets through"),
    }),
    record: (file, result, { 'score-thr': from = 0 }) =>
      detectionRecord(
        file,
        result,
        result.detections.filter(({ score }) => score >= from),
      ),
  }),
  segment: defineVerb<SegmentationMap>()({
    task: 'segmentation',
    description: 'the classes that occur, with their pixels',
    options: z.strictObject({}),
    record: segmentationRecord,
  }),
  classify: defineVerb<Classification>()({
    task: 'classification',
    description: 'the likeliest classes',
    options: z.strictObject({
      top: numeral(WHOLE)
        .pipe(z.int({ error: WHOLE }).min(1, { error: WHOLE }))
        .default(5)
        .describe('classes that are told'),
    }),
    record: (file, result, { top }) => classificationRecord(file, result, top),
  }),
} as const satisfies Readonly<Record<string, Verb>>;

export type VerbName = keyof typeof VERBS;

/** The verb that a model of this task understands. */
export function verbOf(task: TaskKind): VerbName {
  return task === 'detection' ? 'detect' : task === 'segmentation' ? 'segment' : 'classify';
}

function wrongOption(error: z.ZodError, query: unknown, options: z.ZodType): RequestError {
  const { where, expected, received, hint } = schemaError(error, {
    path: 'query',
    input: query,
    schema: options,
  }).parts;
  return new RequestError({
    status: 400,
    code: 'invalid-option',
    where,
    expected,
    received,
    ...(hint === undefined ? {} : { hint }),
  });
}
