/** The protocol's routes for `openapi.json`; its own description is https://github.com/kserve/open-inference-protocol. */

const ERROR = { type: 'object', required: ['error'], properties: { error: { type: 'string' } } };
const json = (schema: object) => ({ 'application/json': { schema } });
const failed = { description: 'an error', content: json(ERROR) };

const tensor = (more: object) => ({
  type: 'object',
  required: ['name', 'datatype', 'shape'],
  properties: {
    name: { type: 'string' },
    datatype: { type: 'string', enum: ['BYTES', 'FP32', 'INT64', 'UINT8', 'UINT16'] },
    shape: { type: 'array', items: { type: 'integer' } },
    parameters: { type: 'object' },
    ...more,
  },
});
const data = { data: { type: 'array', description: 'row-major; without it the values are bytes behind the JSON' } };

const REQUEST = {
  type: 'object',
  required: ['inputs'],
  properties: {
    id: { type: 'string', description: 'given back' },
    parameters: {
      type: 'object',
      properties: {
        binary_data_output: { type: 'boolean', description: 'outputs as bytes behind the JSON' },
        'score-thr': { type: 'number', minimum: 0, maximum: 1, description: 'of detection: lowest score that is told' },
        top: { type: 'integer', minimum: 1, default: 5, description: 'of classification: classes that are told' },
      },
    },
    inputs: { type: 'array', minItems: 1, maxItems: 1, items: tensor(data) },
    outputs: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string' },
          parameters: { type: 'object', properties: { binary_data: { type: 'boolean' } } },
        },
      },
    },
  },
};

const ANSWER = {
  type: 'object',
  required: ['model_name', 'outputs'],
  properties: {
    model_name: { type: 'string' },
    id: { type: 'string' },
    outputs: { type: 'array', items: tensor(data) },
  },
};

/** @param name the parameter that stands for a model in a path. */
export function openInferencePaths(name: object): Readonly<Record<string, object>> {
  const told = (summary: string) => ({
    get: { summary, responses: { 200: { description: summary, content: json({ type: 'object' }) }, default: failed } },
  });
  const open = ({ get }: ReturnType<typeof told>) => ({ get: { ...get, security: [] } });
  const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };
  const length = {
    name: 'inference-header-content-length',
    in: 'header',
    required: false,
    description: 'bytes of JSON, where others follow it',
    schema: { type: 'integer', minimum: 1 },
  };
  return {
    '/v2': told('the server, as the Open Inference Protocol tells it'),
    '/v2/health/live': open(told('whether the process lives')),
    '/v2/health/ready': open(told('whether it takes pictures')),
    '/v2/models/{name}': { parameters: [name], ...told('the tensors that a model takes and gives') },
    '/v2/models/{name}/ready': { parameters: [name], ...told('whether a model takes pictures') },
    '/v2/models/{name}/infer': {
      post: {
        summary: 'tensors to tensors',
        operationId: 'infer',
        parameters: [name, length],
        requestBody: { required: true, content: { ...json(REQUEST), ...bytes } },
        responses: {
          200: { description: 'the outputs', content: { ...json(ANSWER), ...bytes } },
          429: { ...failed, description: 'too much to do: retry-after says when to come again' },
          default: failed,
        },
      },
    },
  };
}
