/** The Open Inference Protocol: what models take and give as tensors, and what is refused. */
import { afterAll, describe, expect, test } from 'vitest';
import { openService } from '../open_service.js';
import { png } from '../pictures.js';
import { elements, fileRequest, inferBody, jsonRequest, type Part, rgbRequest, tensorsIn } from './requests.js';

const service = await openService({ bytes: 20_000, pixels: 64 * 64, pictures: 3 });
const { app } = service;
afterAll(() => service[Symbol.asyncDispose]());

const bright = await png(4, 2);
const dark = await png(4, 2, 0);
const wide = await png(65, 64);

const infer = (model: string, part: Part, headers: Readonly<Record<string, string>> = {}) => {
  const { payload, headers: own } = inferBody(part);
  return app.inject({ method: 'POST', url: `/v2/models/${model}/infer`, payload, headers: { ...own, ...headers } });
};

const pixels = (count: number, shade: number) => new Uint8Array(count * 4 * 2 * 3).fill(shade);

describe('the server tells', () => {
  test.each([
    ['/v2', { name: 'lowformer', version: expect.stringMatching(/^\d+\./), extensions: ['binary_tensor_data'] }],
    ['/v2/health/live', { live: true }],
    ['/v2/health/ready', { ready: true }],
    ['/v2/models/classify/ready', { name: 'classify', ready: true }],
    [
      '/v2/models/segment',
      {
        name: 'segment',
        platform: 'lowformer_config',
        inputs: [
          { name: 'rgb', datatype: 'UINT8', shape: [-1, -1, -1, 3], parameters: { instead_of: 'file' } },
          { name: 'file', datatype: 'BYTES', shape: [1], parameters: { instead_of: 'rgb' } },
        ],
        outputs: [{ name: 'labels', datatype: 'UINT8', shape: [-1, -1, -1] }],
      },
    ],
  ])('%s', async (url, expected) => {
    const response = await app.inject(url);
    expect([response.statusCode, response.json()]).toEqual([200, expected]);
  });

  test.each(['detect', 'segment', 'classify'])('of %s the tensors that it gives', async (model) => {
    const { outputs } = (await app.inject(`/v2/models/${model}`)).json();
    const { tensors } = tensorsIn(await infer(model, fileRequest([bright])));
    expect(Object.entries(tensors).map(([name, { datatype, shape }]) => [name, datatype, shape.length])).toEqual(
      outputs.map(({ name, datatype, shape }: { name: string; datatype: string; shape: number[] }) => [
        name,
        datatype,
        shape.length,
      ]),
    );
  });
});

describe('pictures are answered', () => {
  const detected = {
    boxes: { datatype: 'FP32', shape: [2, 4], values: [1, 2, 4, 2, 1, 2, 4, 2] },
    scores: { datatype: 'FP32', shape: [2], values: [0.75, 0.25] },
    labels: { datatype: 'INT64', shape: [2], values: [1, 1] },
    num_detections: { datatype: 'INT64', shape: [1], values: [2] },
  };
  const nested = [Array.from({ length: 2 }, () => Array.from({ length: 4 }, () => [200, 200, 200]))];

  test.each<[string, Part]>([
    ['a file as bytes', fileRequest([bright])],
    [
      'a file as base64',
      {
        json: {
          inputs: [
            {
              name: 'file',
              datatype: 'BYTES',
              shape: [1],
              parameters: { content_type: 'base64' },
              data: [bright.toString('base64')],
            },
          ],
        },
      },
    ],
    ['pixels as bytes', rgbRequest([1, 2, 4, 3], pixels(1, 200))],
    ['pixels as a list', jsonRequest([1, 2, 4, 3], [...pixels(1, 200)])],
    ['pixels as lists in lists', jsonRequest([1, 2, 4, 3], nested)],
    ['answered as bytes', fileRequest([bright], { parameters: { binary_data_output: true } })],
  ])('%s', async (_, part) => {
    const response = await infer('detect', part);
    expect(response.statusCode, response.body).toBe(200);
    const { rest, tensors } = tensorsIn(response);
    expect(rest).toEqual({ model_name: 'detect' });
    expect(tensors).toEqual(detected);
  });

  test('several: whose boxes are whose is told', async () => {
    const part = fileRequest([dark, await png(6, 3)], { parameters: { 'score-thr': 0.5 }, id: 'a "b"' });
    const { rest, tensors } = tensorsIn(await infer('detect', part));
    expect(rest).toEqual({ model_name: 'detect', id: 'a "b"' });
    expect(tensors.num_detections?.values).toEqual([1, 1]);
    expect(tensors.boxes).toEqual({ datatype: 'FP32', shape: [2, 4], values: [1, 2, 4, 2, 1, 2, 6, 3] });
    expect(tensors.labels?.values).toEqual([0, 1]);
  });

  test('none of whose boxes is good enough', async () => {
    const more = { parameters: { 'score-thr': 0.9, binary_data_output: true } };
    const { tensors } = tensorsIn(await infer('detect', fileRequest([bright], more)));
    expect(tensors.boxes).toEqual({ datatype: 'FP32', shape: [0, 4], values: [] });
    expect(tensors.num_detections?.values).toEqual([0]);
  });

  test('with label maps', async () => {
    const both = new Uint8Array([...pixels(1, 0), ...pixels(1, 200)]);
    const { tensors } = tensorsIn(await infer('segment', rgbRequest([2, 2, 4, 3], both)));
    const values = [...Array(8).fill(0), ...Array(8).fill(1)];
    expect(tensors).toEqual({ labels: { datatype: 'UINT8', shape: [2, 2, 4], values } });
  });

  test('with classes, as many as are asked for, and the outputs that are', async () => {
    const outputs = [{ name: 'scores' }, { name: 'labels', parameters: { binary_data: true } }];
    const part = fileRequest([dark, bright], { parameters: { top: 1 }, outputs });
    const { tensors } = tensorsIn(await infer('classify', part));
    expect(Object.entries(tensors)).toEqual([
      ['scores', { datatype: 'FP32', shape: [2, 1], values: [0.75, 0.75] }],
      ['labels', { datatype: 'INT64', shape: [2, 1], values: [0, 1] }],
    ]);
  });
});

describe('what is refused', () => {
  const one = rgbRequest([1, 2, 4, 3], pixels(1, 200));
  const input = { name: 'rgb', datatype: 'UINT8', shape: [1, 2, 4, 3] };
  const data = [...pixels(1, 200)];
  const of = (more: object, binary?: Uint8Array): Part => ({
    json: { inputs: [{ ...input, ...more }] },
    ...(binary === undefined ? {} : { binary }),
  });
  const file = (more: object, binary?: Uint8Array): Part =>
    of({ name: 'file', datatype: 'BYTES', shape: [1], ...more }, binary);
  const base64 = { content_type: 'base64' };

  test.each<[string, number, string, Part, string?, Readonly<Record<string, string>>?]>([
    ['a model that there is not', 404, 'detect, segment, classify', one, 'dogs'],
    ['a version', 404, '/v2/models/detect/infer: models have no versions', one, 'detect/versions/1'],
    ['another type', 415, 'application/octet-stream', one, 'detect', { 'content-type': 'image/png' }],
    ['a compressed body', 415, "received 'gzip'", one, 'detect', { 'content-encoding': 'gzip' }],
    ['another host', 403, "received 'example.com'", one, 'detect', { host: 'example.com' }],
    ['a length that is none', 400, 'are JSON', one, 'detect', { 'inference-header-content-length': '1e2' }],
    ['a length beyond the body', 400, 'are JSON', one, 'detect', { 'inference-header-content-length': '20000' }],
    ['a body without JSON', 400, 'goes to /v1', one, 'detect', { 'inference-header-content-length': '0' }],
    ['a length within the JSON', 400, 'as JSON in UTF-8', one, 'detect', { 'inference-header-content-length': '9' }],
    ['too many bytes', 413, 'at most 20000 bytes', rgbRequest([1, 2, 4, 3], Buffer.alloc(20_001))],
    ['no request', 400, 'body: expected', { json: 'abc' }],
    ['no input', 400, 'one input: rgb or file', { json: { inputs: [] } }],
    ['two inputs', 400, 'one input: rgb or file', { json: { inputs: [input, input] } }],
    ['no inputs', 400, 'body.inputs', { json: { id: '1' } }],
    ['a misspelt input', 400, 'rgb', of({ name: 'rbg', data })],
    ['another data type', 400, "'UINT8', which rgb is of, but received 'FP32'", of({ datatype: 'FP32', data })],
    ['a file of another type', 400, "'BYTES', which file is of", file({ datatype: 'UINT8', data })],
    ['a shape of another rank', 400, '[N, H, W, 3]', of({ shape: [2, 4, 3], data })],
    ['channels first', 400, '[N, H, W, 3]', of({ shape: [1, 3, 2, 4], data })],
    ['a size of none', 400, 'a whole number of 1 or more', of({ shape: [0, 2, 4, 3], data: [] })],
    ['a size that is no number', 400, 'body.inputs.0.shape.1', of({ shape: [1, '2', 4, 3], data })],
    ['a shape of files', 400, '[N], one place for each file', file({ shape: [1, 1], data: [''] })],
    ['too many pictures', 413, 'at most 3 pictures', of({ shape: [4, 2, 4, 3] }, Buffer.alloc(96))],
    ['too many files', 413, 'at most 3 pictures', fileRequest([dark, dark, dark, dark])],
    ['too many pixels', 413, 'at most 4096 pixels', of({ shape: [1, 65, 64, 3], data })],
    ['sizes beyond all bounds', 413, 'at most 4096 pixels', of({ shape: [1, 2 ** 50, 2 ** 50, 3], data })],
    ['too many pixels of a file', 413, 'file[0]: expected at most 4096', fileRequest([wide])],
    ['no data', 400, 'or bytes with the parameter binary_data_size', of({})],
    ['bytes that nobody names', 400, 'nothing behind the JSON', of({ data }, Buffer.alloc(3))],
    ['data and bytes', 400, 'none beside binary_data_size', of({ data, parameters: { binary_data_size: 24 } })],
    [
      'fewer bytes than the shape',
      400,
      '24 bytes, by the shape but received 23',
      rgbRequest(input.shape, Buffer.alloc(23)),
    ],
    ['more bytes than the shape', 400, '24 bytes, by the shape', rgbRequest(input.shape, Buffer.alloc(25))],
    [
      'a size that lies',
      400,
      'as many bytes as follow the JSON, 24 but received 23',
      of({ parameters: { binary_data_size: 23 } }, Buffer.alloc(24)),
    ],
    ['a negative size', 400, 'a number of bytes', of({ parameters: { binary_data_size: -1 } }, Buffer.alloc(24))],
    ['a memory that is shared', 400, 'shared_memory_region', of({ parameters: { shared_memory_region: 'a' } })],
    ['fewer numbers than the shape', 400, 'body.inputs.0.data: expected 24 values', of({ data: data.slice(1) })],
    ['lists of another shape', 400, 'body.inputs.0.data.0: expected 2 values', of({ data: [[[1]]] })],
    ['a number among lists', 400, 'data.0.0.0: expected a list', of({ data: [[[1, 2, 3, 4], []]] })],
    [
      'numbers out of range',
      400,
      'data.0: expected a whole number from 0 to 255',
      of({ data: [256, ...data.slice(1)] }),
    ],
    ['fractions', 400, 'received 0.5', of({ data: [0.5, ...data.slice(1)] })],
    ['text as numbers', 400, "received '1'", of({ data: ['1', ...data.slice(1)] })],
    ['data that is no list', 400, 'a list of', of({ data: { length: 24 } })],
    ['a file as text', 400, "'base64', which is how JSON can hold a file", file({ data: ['GIF89a'] })],
    ['what is no base64', 400, 'base64, padded', file({ data: ['****'], parameters: base64 })],
    ['more files than the shape', 400, '1 values, by the shape', file({ data: ['', ''], parameters: base64 })],
    ['base64 of numbers', 400, 'no such parameter of numbers', of({ data, parameters: base64 })],
    [
      'base64 of bytes',
      400,
      'no such parameter of bytes',
      file({ parameters: { ...base64, binary_data_size: 4 } }, Buffer.alloc(4)),
    ],
    [
      'an element that is cut off',
      400,
      'end within element 0',
      file({ parameters: { binary_data_size: 20 } }, elements(dark).subarray(0, 20)),
    ],
    [
      'an element too many',
      400,
      'more bytes',
      file({ parameters: { binary_data_size: elements(dark, dark).length } }, elements(dark, dark)),
    ],
    ['no picture', 422, 'file[0]: expected', fileRequest([Buffer.from('no picture')])],
    ['some of several', 422, '2 of 3 pictures', fileRequest([Buffer.from('a'), dark, Buffer.from('b')])],
    ['files of a label map', 400, '[1]: label maps of several sizes', fileRequest([dark, dark]), 'segment'],
    ['a parameter of another task', 400, 'body.parameters.top', fileRequest([dark], { parameters: { top: 3 } })],
    ['a misspelt parameter', 400, "Did you mean 'score-thr'", fileRequest([dark], { parameters: { score_thr: 0.5 } })],
    ['a parameter out of range', 400, 'from 0 to 1', fileRequest([dark], { parameters: { 'score-thr': 2 } })],
    [
      'a parameter without effect',
      400,
      'body.parameters.priority',
      fileRequest([dark], { parameters: { priority: 1 } }),
    ],
    ['half a class', 400, 'a whole number', fileRequest([dark], { parameters: { top: 1.5 } }), 'classify'],
    ['an output that there is not', 400, 'boxes', fileRequest([dark], { outputs: [{ name: 'masks' }] })],
    [
      'an output twice',
      400,
      'each name once',
      fileRequest([dark], { outputs: [{ name: 'boxes' }, { name: 'boxes' }] }),
    ],
    ['outputs of none', 400, 'all are given', fileRequest([dark], { outputs: [] })],
    ['another model’s name', 400, "'detect', as the address says", fileRequest([dark], { model_name: 'segment' })],
  ])('%s', async (_, status, message, part, model = 'detect', headers = {}) => {
    const response = await infer(model, part, headers);
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    const answer = response.json();
    expect(Object.keys(answer)).toEqual(['error']);
    expect(answer.error).toContain(message);
    expect(answer.error).not.toMatch(/\n\s+at /);
    expect(response.statusCode).toBe(status);
  });

  test.each([
    ['GET', '/v2/models/detect/infer', 405],
    ['POST', '/v2/models/detect', 405],
    ['GET', '/v2/models/dogs', 404],
    ['GET', '/v2/models/dogs/ready', 404],
    ['GET', '/v2/models/detect/versions/1', 404],
    ['POST', '/v2/repository/index', 404],
    ['GET', '/v2/%zz', 404],
  ] as const)('%s %s', async (method, url, status) => {
    const response = await app.inject({ method, url });
    expect([response.statusCode, Object.keys(response.json())]).toEqual([status, ['error']]);
  });
});

test('a server that is about to end says so, and one that is busy', async () => {
  await using ending = await openService();
  ending.refuse();
  const { payload, headers } = inferBody(fileRequest([dark]));
  for (const url of ['/v2/health/ready', '/v2/models/detect/ready']) {
    expect((await ending.app.inject(url)).statusCode).toBe(503);
  }
  const refused = await ending.app.inject({ method: 'POST', url: '/v2/models/detect/infer', payload, headers });
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5']);
  expect((await ending.app.inject('/v2/health/live')).statusCode).toBe(200);

  let go = () => {};
  const gone = new Promise<void>((resolve) => {
    go = resolve;
  });
  await using full = await openService({ waiting: 1 }, { until: () => gone });
  const ask = (part: Part) => {
    const { payload: body, headers: own } = inferBody(part);
    return full.app.inject({ method: 'POST', url: '/v2/models/detect/infer', payload: body, headers: own });
  };
  // Two run, one waits.
  const kept = ask(fileRequest([dark, dark, dark]));
  const late = await ask(fileRequest([dark, dark, dark, dark]));
  expect([late.statusCode, late.json().error]).toEqual([429, expect.stringContaining('Ask again')]);
  expect(Number(late.headers['retry-after'])).toBeGreaterThan(0);
  go();
  expect((await kept).statusCode).toBe(200);
});
