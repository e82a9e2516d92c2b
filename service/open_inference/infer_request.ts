/** The JSON of an inference request, held to what the model takes and gives. */
import { z } from 'zod';
import type { Result } from '../../core/results.js';
import { schemaError } from '../../registry/schema_error.js';
import { RequestError } from '../request_error.js';
import { INPUT_NAMES, outputNames } from './metadata.js';

const PROBABILITY = 'expected a number from 0 to 1';
const WHOLE = 'expected a whole number of 1 or more';
const BYTES = 'expected a number of bytes';
const ONE_INPUT = `expected one input: ${INPUT_NAMES.join(' or ')}`;

const size = z.int({ error: WHOLE }).min(1, { error: WHOLE });

const inputSchema = z.strictObject({
  name: z.enum(INPUT_NAMES),
  shape: z.array(size),
  datatype: z.string(),
  parameters: z
    .strictObject({
      binary_data_size: z.int({ error: BYTES }).min(0, { error: BYTES }).optional(),
      content_type: z.literal('base64').optional(),
    })
    .default({}),
  data: z.unknown().optional(),
});

/** One of a request. */
export type InputTensor = z.output<typeof inputSchema>;

/** Of each task: the options of `/v1` under their names. */
const OWN_PARAMETERS = {
  detection: {
    'score-thr': z
      .number({ error: PROBABILITY })
      .min(0, { error: PROBABILITY })
      .max(1, { error: PROBABILITY })
      .optional(),
  },
  segmentation: {},
  classification: { top: size.optional() },
} as const satisfies Readonly<Record<Result['kind'], z.ZodRawShape>>;

export interface Parameters {
  /** Lowest score of a box that is told; all that the config's test_cfg lets through where it is left out. */
  readonly 'score-thr'?: number | undefined;
  /** Classes that are told. */
  readonly top?: number | undefined;
  readonly binary_data_output?: boolean | undefined;
}

export interface WantedOutput {
  readonly name: string;
  /** As bytes behind the JSON. */
  readonly binary: boolean;
}

export interface InferRequest {
  readonly id: string | undefined;
  readonly parameters: Parameters;
  readonly input: InputTensor;
  /** In the order of the answer. */
  readonly outputs: readonly WantedOutput[];
}

/** What a request to a model of this task may say. */
function requestSchema(task: Result['kind']) {
  const parameters: z.ZodType<Parameters> = z.strictObject({
    binary_data_output: z.boolean().optional(),
    ...OWN_PARAMETERS[task],
  });
  return z.strictObject({
    model_name: z.string().optional(),
    id: z.string().optional(),
    parameters: parameters.default({}),
    inputs: z.tuple([inputSchema], { error: ONE_INPUT }),
    outputs: z
      .array(
        z.strictObject({
          name: z.enum(outputNames(task)),
          parameters: z.strictObject({ binary_data: z.boolean().optional() }).default({}),
        }),
      )
      .min(1, { error: 'expected the names of outputs; all are given where there is no list' })
      .optional(),
  });
}

const SCHEMAS = {
  detection: requestSchema('detection'),
  segmentation: requestSchema('segmentation'),
  classification: requestSchema('classification'),
} as const;

/**
 * @param name of the model, as the address has it.
 * @throws {RequestError} `invalid-option` for a name, parameter or value that there is not, and for what is missing.
 */
export function inferRequest(json: unknown, name: string, task: Result['kind']): InferRequest {
  const schema = SCHEMAS[task];
  const checked = schema.safeParse(json);
  if (!checked.success) throw wrongRequest(checked.error, json, schema);
  const { id, parameters, inputs, outputs, model_name } = checked.data;
  if (model_name !== undefined && model_name !== name) {
    throw wrongPart({ where: 'body.model_name', expected: `'${name}', as the address says`, received: model_name });
  }
  const asBytes = parameters.binary_data_output ?? false;
  const wanted = outputs?.map((output) => ({
    name: output.name,
    binary: output.parameters.binary_data ?? asBytes,
  }));
  const twice = wanted?.find((output, i) => wanted.findIndex((other) => other.name === output.name) !== i);
  if (twice !== undefined) throw wrongPart({ where: 'body.outputs', expected: 'each name once', received: twice.name });
  return {
    id,
    parameters,
    input: inputs[0],
    outputs: wanted ?? outputNames(task).map((output) => ({ name: output, binary: asBytes })),
  };
}

function wrongRequest(error: z.ZodError, input: unknown, schema: z.ZodType): RequestError {
  const { where, expected, received, hint } = schemaError(error, { path: 'body', input, schema }).parts;
  return wrongPart({ where, expected, received, ...(hint === undefined ? {} : { hint }) });
}

interface Wrong {
  readonly where: string;
  readonly expected: string;
  readonly received?: unknown;
  readonly hint?: string;
}

function wrongPart(parts: Wrong): RequestError {
  return new RequestError({ status: 400, code: 'invalid-option', ...parts });
}
