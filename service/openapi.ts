/** What the server can be asked, as OpenAPI 3.1 has it: made of the same schemas that requests are held to. */
import { z } from 'zod';
import { packageVersion } from '../files/package_version.js';
import type { ServiceLimits } from './limits.js';
import { openInferencePaths } from './open_inference/openapi_paths.js';
import { VERBS, type Verb } from './verbs.js';

const number = (description: string) => ({ type: 'number', description });
const integer = (description: string) => ({ type: 'integer', description });
const text = (description: string) => ({ type: 'string', description });
const object = (properties: Readonly<Record<string, object>>) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});
const list = (items: object) => ({ type: 'array', items });

const ofPicture = { file: text('as its sender called it'), width: integer('pixels'), height: integer('pixels') };
const ofClass = { class_index: integer("from 0, in the config's order"), category: text('its name') };

/** Of a class, where masks are asked for. */
const MASK = {
  ...object({
    size: { ...list(integer('height, then width')), minItems: 2, maxItems: 2 },
    counts: text("COCO's compressed run lengths"),
  }),
  description: 'with masks=rle',
};

/** A record of each verb. */
const RECORDS: Readonly<Record<keyof typeof VERBS, object>> = {
  detect: object({
    ...ofPicture,
    detections: list(
      object({
        bbox: { ...list(number('x, y, width, height in pixels')), minItems: 4, maxItems: 4 },
        score: number('0 to 1'),
        ...ofClass,
        category_id: integer("the data set's own"),
      }),
    ),
  }),
  segment: object({
    ...ofPicture,
    classes: list({
      ...object({ ...ofClass, pixels: integer('of that class') }),
      // Beside what every answer has.
      properties: { ...ofClass, pixels: integer('of that class'), segmentation: MASK },
    }),
  }),
  classify: object({ ...ofPicture, top: list(object({ ...ofClass, score: number('0 to 1') })) }),
};

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: text('urn:lowformer:problem:CODE'),
    title: text('the status in words'),
    status: integer('of HTTP'),
    detail: text('one sentence for a person'),
    code: text('for programs'),
    where: text('the part of the request'),
    expected: text('there'),
    received: text('there'),
    hint: text('the way out'),
    pictures: list(object({ file: text(''), code: text(''), detail: text('') })),
  },
};

const problem = {
  description: 'an error',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
const file = { type: 'string', format: 'binary' };

/** @param names of the models. @param asksForKeys whether requests have to present a key. */
export function openapi(names: readonly string[], limits: ServiceLimits, asksForKeys: boolean): object {
  const told = (description: string, schema: object = { type: 'object' }) => ({
    get: {
      summary: description,
      responses: { 200: { description, content: { 'application/json': { schema } } }, default: problem },
    },
  });
  const open = (description: string) => {
    const { get } = told(description);
    return { get: { ...get, security: [] } };
  };
  const metrics = {
    get: {
      summary: 'counts and times',
      responses: {
        200: { description: "Prometheus' text format", content: { 'text/plain': { schema: { type: 'string' } } } },
        default: problem,
      },
    },
  };
  const name = {
    name: 'name',
    in: 'path',
    required: true,
    description: 'of a model',
    schema: { type: 'string', enum: names },
  };
  const verbs = Object.entries<Verb>(VERBS).map(([verb, entry]) => [
    `/v1/models/{name}/${verb}`,
    {
      post: {
        summary: `${verb}: ${entry.description}`,
        operationId: verb,
        parameters: [name, ...parametersOf(entry.options)],
        requestBody: {
          required: true,
          description: `at most ${limits.pictures} pictures, ${limits.bytes} bytes`,
          content: {
            'image/*': { schema: file },
            'application/octet-stream': { schema: file },
            'multipart/form-data': { schema: object({ picture: list(file) }) },
          },
        },
        responses: {
          200: {
            description: entry.description,
            content: {
              'application/json': { schema: list({ $ref: `#/components/schemas/${verb}` }) },
              ...(entry.draws
                ? Object.fromEntries(['image/png', 'image/jpeg', 'image/webp'].map((type) => [type, { schema: file }]))
                : {}),
            },
          },
          429: { ...problem, description: 'too much to do: retry-after says when to come again' },
          default: problem,
        },
      },
    },
  ]);
  return {
    openapi: '3.1.0',
    info: { title: 'lowformer', version: packageVersion(), description: 'What models see in pictures.' },
    paths: {
      ...Object.fromEntries(verbs),
      ...openInferencePaths(name),
      '/v1/models': told('the models'),
      '/v1/models/{name}': { parameters: [name], ...told('a model') },
      ...(asksForKeys ? { '/v1/models/{name}/reload': reloading(name) } : {}),
      '/metrics': metrics,
      '/healthz': open('whether the process lives'),
      '/readyz': open('whether it takes pictures'),
    },
    components: {
      schemas: { ...RECORDS, Problem: PROBLEM },
      ...(asksForKeys ? { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } } : {}),
    },
    ...(asksForKeys ? { security: [{ key: [] }] } : {}),
  };
}

/** Of a query: what values become, since an address has text alone. */
function parametersOf(options: z.ZodType): readonly object[] {
  const { properties = {} } = z
    .object({ properties: z.record(z.string(), z.record(z.string(), z.unknown())).optional() })
    .parse(z.toJSONSchema(options, { io: 'output' }));
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: false,
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function reloading(name: object): object {
  const description = 'the model that is now; before has what was otherwise';
  return {
    parameters: [name],
    post: {
      summary: 'loads a model anew from its files, and puts it in the place of the one that there is',
      operationId: 'reload',
      responses: {
        200: { description, content: { 'application/json': { schema: { type: 'object' } } } },
        409: { ...problem, description: 'another is being loaded: retry-after says when to come again' },
        500: { ...problem, description: 'it cannot be loaded: the one before goes on' },
        default: problem,
      },
    },
  };
}
