/** What can be asked of a model: the command line's verbs, with those of its options that concern an answer. */
import { z } from 'zod';
import type { Classification, Detections, Result, SegmentationMap } from '../core/results.js';
import { drawDetections } from '../drawing/detections.js';
import { encodeLabelMap } from '../drawing/label_map.js';
import { drawSegmentation } from '../drawing/segmentation.js';
import { encodePicture, type PictureFormat } from '../drawing/write_png.js';
import { masksOfLabels } from '../geometry/mask_runs.js';
import { classificationRecord, detectionRecord, segmentationRecord } from '../models/result_records.js';
import type { TaskKind } from '../registry/define_task.js';
import { schemaError } from '../registry/schema_error.js';
import { RequestError } from './request_error.js';
import type { Prediction, ServedModel } from './served_model.js';

/** How a request's pictures are answered, by its options. */
export interface Answering {
  /** An entry of the JSON, as the command line writes it. */
  readonly record: (file: string, result: Result) => object;
  /**
   * The picture with what was found in it, as a file.
   * @throws {RequestError} for a format that cannot hold it.
   */
  readonly draw: (prediction: Prediction, facts: ServedModel['facts'], format: PictureFormat) => Promise<Buffer>;
}

export interface Verb {
  readonly task: TaskKind;
  readonly description: string;
  /** Of the query. */
  readonly options: z.ZodType;
  /** Whether the answer can be a picture. */
  readonly draws: boolean;
  /** @throws {RequestError} for an option that there is not, that has another value, or that is idle for what is wanted. */
  readonly answering: (query: unknown, wanted: 'records' | 'picture') => Answering;
}

interface VerbParts<R extends Result, Options extends z.ZodType> {
  readonly task: R['kind'];
  readonly description: string;
  readonly options: Options;
  /** Options that concern pictures alone, and records alone. */
  readonly ofPictures?: readonly string[];
  readonly ofRecords?: readonly string[];
  readonly record: (file: string, result: R, options: z.output<Options>) => object;
  readonly draw?: (
    prediction: Prediction & { readonly result: R },
    options: z.output<Options>,
    facts: ServedModel['facts'],
    format: PictureFormat,
  ) => Promise<Buffer>;
}

function defineVerb<R extends Result>() {
  return <Options extends z.ZodType>(parts: VerbParts<R, Options>): Verb => {
    const { task, description, options, ofPictures = [], ofRecords = [], record, draw } = parts;
    const own = (result: Result): R => {
      if (isOf(result)) return result;
      throw new RangeError(`a result of ${result.kind} for ${task}`);
    };
    const isOf = (result: Result): result is R => result.kind === task;
    return {
      task,
      description,
      options,
      draws: draw !== undefined,
      answering(query, wanted) {
        const parsed = options.safeParse(query);
        if (!parsed.success) throw wrongOption(parsed.error, query, options);
        const idle = wanted === 'picture' ? ofRecords : ofPictures;
        for (const name of idle) if (isGiven(query, name)) throw idleOption(name, wanted);
        return {
          record: (file, result) => record(file, own(result), parsed.data),
          draw: async (prediction, facts, format) => {
            if (draw === undefined) throw new RangeError(`no picture of ${task}`);
            return draw({ ...prediction, result: own(prediction.result) }, parsed.data, facts, format);
          },
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
/** Pictures with every doubtful box drawn say nothing; JSON has them all unless a threshold is given. */
const DRAWN_FROM = 0.3;

export const VERBS = {
  detect: defineVerb<Detections>()({
    task: 'detection',
    description: 'boxes, best first',
    options: z.strictObject({
      'score-thr': numeral(PROBABILITY)
        .pipe(z.number().min(0, { error: PROBABILITY }).max(1, { error: PROBABILITY }))
        .optional()
        .describe(
          `lowest score that is told; by default all that the config's test_cfg lets through, and ${DRAWN_FROM} in pictures`,
        ),
    }),
    record: (file, result, { 'score-thr': from = 0 }) => detectionRecord(file, result, scored(result, from)),
    async draw({ image, result }, { 'score-thr': from = DRAWN_FROM }, { palette }, format) {
      return encodePicture(await drawDetections(image, scored(result, from), { palette }), format);
    },
  }),
  segment: defineVerb<SegmentationMap>()({
    task: 'segmentation',
    description: 'the classes that occur, with their pixels',
    options: z.strictObject({
      draw: z
        .enum(['overlay', 'labels'], { error: 'expected overlay or labels' })
        .default('overlay')
        .describe('of a picture: classes over it, or the label map alone, a PNG whose pixels are class indices'),
      masks: z
        .enum(['rle'], { error: 'expected rle' })
        .optional()
        .describe("of JSON: each class has its pixels as well, as COCO's run lengths (segmentation: size, counts)"),
    }),
    ofPictures: ['draw'],
    ofRecords: ['masks'],
    record(file, result, { masks }) {
      const record = segmentationRecord(file, result);
      return masks === undefined ? record : withMasks(record, result);
    },
    async draw({ image, result }, { draw }, { palette, classes }, format) {
      if (draw === 'overlay') return encodePicture(await drawSegmentation(image, result, { palette }), format);
      if (format === 'png') return encodeLabelMap(result, { classCount: classes.length, palette });
      const expected = 'image/png: other formats do not keep the numbers of a label map';
      throw new RequestError({
        status: 406,
        code: 'not-acceptable',
        where: 'accept',
        expected,
        received: `image/${format}`,
      });
    },
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

function scored({ detections }: Detections, from: number): Detections['detections'] {
  return detections.filter(({ score }) => score >= from);
}

/** The record, with the pixels of each class beside their number. */
function withMasks(record: ReturnType<typeof segmentationRecord>, map: SegmentationMap): object {
  const masks = masksOfLabels(map);
  const classes = record.classes.map((found) => ({ ...found, segmentation: masks.get(found.class_index) }));
  return { ...record, classes };
}

function isGiven(query: unknown, name: string): boolean {
  return typeof query === 'object' && query !== null && name in query;
}

function idleOption(name: string, wanted: 'records' | 'picture'): RequestError {
  const parts = { status: 400, code: 'invalid-option', where: `query.${name}` } as const;
  const [answer, other] = wanted === 'picture' ? ['a picture', 'JSON'] : ['JSON', 'a picture'];
  const hint = `Ask for ${other} by the header accept: ${wanted === 'picture' ? 'application/json' : 'image/png'}.`;
  return new RequestError({ ...parts, expected: `no such option where the answer is ${answer}`, hint });
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
