/** Requests of the Open Inference Protocol that are wrong: JSON that is none or another, and lengths, shapes and values that lie. */
import { anyBytes, bytes, type Kinds, one, type Pick, whole } from './malformed_requests.js';
import { elements } from './open_inference/requests.js';

const LENGTH = 'inference-header-content-length';

/** Of one pixel. */
const RGB = { name: 'rgb', datatype: 'UINT8', shape: [1, 1, 1, 3], data: [1, 2, 3] };
const FILE = { name: 'file', datatype: 'BYTES', shape: [1] };

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const changed = (change: object, input: object = RGB) => json({ inputs: [{ ...input, ...change }] });

/** JSON, and bytes behind it. @param length what the header says of the JSON. */
function behind(path: string, text: Buffer, binary: Uint8Array, length: string | number = text.length) {
  const more = [`${LENGTH}: ${length}`];
  return whole(path, bytes(text, binary), { type: 'application/octet-stream', more });
}

/** A request with a file, which says so many bytes of it. */
function file(path: string, binary: Uint8Array, size: unknown = binary.length, shape: readonly unknown[] = [1]) {
  return behind(path, changed({ shape, parameters: { binary_data_size: size } }, FILE), binary);
}

const nested = (depth: number, [open, close]: readonly [string, string], core = '1') =>
  `${open.repeat(depth)}${core}${close.repeat(depth)}`;

const OTHER_JSON = [
  '[]',
  'null',
  '1',
  '"a"',
  '{}',
  '{"inputs":{}}',
  '{"inputs":[]}',
  '{"inputs":[{}]}',
  '{"inputs":[1,2]}',
];

const OTHER_FIELDS = [
  { name: 'images' },
  { datatype: 'FP32' },
  { datatype: 1 },
  { shape: [1, 1, 3] },
  { shape: [1, 1, 1, 4] },
  { shape: [0, 1, 1, 3] },
  { shape: [-1, 1, 1, 3] },
  { shape: [1.5, 1, 1, 3] },
  { shape: '1,1,1,3' },
  { shape: [1, 2, 2, 3] },
  { shape: [] },
  { data: [1, 2, 256] },
  { data: [1, 2, -1] },
  { data: [1, 2, 0.5] },
  { data: [1, 2, '3'] },
  { data: [1, 2] },
  { data: null },
  { data: 'AQID' },
  { data: { 0: 1, 1: 2, 2: 3, length: 3 } },
  { data: [[1], [2], [3]] },
  { parameters: { binary_data_size: 3 } },
  { parameters: { binary_data_size: -3 } },
  { parameters: { content_type: 'base64' } },
  { parameters: [] },
  { extra: 1 },
];

const OTHER_REQUESTS = [
  { model_name: 'classify' },
  { id: 1 },
  { outputs: [] },
  { outputs: [{ name: 'masks' }] },
  { outputs: [{ name: 'boxes' }, { name: 'boxes' }] },
  { outputs: [{ name: 'boxes', parameters: { classification: 3 } }] },
  { parameters: { 'score-thr': 2 } },
  { parameters: { 'score-thr': '0.5' } },
  { parameters: { score_thr: 0.5 } },
  { parameters: { top: 1 } },
  { inputs: [RGB, RGB] },
];

export const OF_INFERENCE: Kinds = {
  'a wrong type': (path, body, pick) => ({
    pieces: whole(path, body, { type: one(['text/plain', 'image/png', 'multipart/form-data', '*/*'], pick) }),
    afterwards: 'wait',
    statuses: [415],
  }),
  'JSON cut off': (path, body, pick) => ({
    pieces: whole(path, body.subarray(0, 1 + pick(body.length - 1))),
    afterwards: 'wait',
    statuses: [400],
  }),
  'no JSON': (path, _, pick) => ({
    pieces: whole(path, bytes('\xff', anyBytes(1 + pick(500), pick))),
    afterwards: 'wait',
    statuses: [400],
  }),
  'JSON of something else': (path, _, pick) => ({
    pieces: whole(path, one(OTHER_JSON, pick)),
    afterwards: 'wait',
    statuses: [400],
  }),
  'deep lists and objects': (path, _, pick) => {
    const lists = nested(10_000 + pick(90_000), ['[', ']']);
    const objects = nested(10_000 + pick(90_000), ['{"a":', '}']);
    const input = `{"name":"rgb","datatype":"UINT8","shape":[1,1,1,3],"data":${lists}}`;
    const text = one([lists, objects, `{"inputs":${lists}}`, `{"inputs":[${objects}]}`, `{"inputs":[${input}]}`], pick);
    return { pieces: whole(path, text), afterwards: 'wait', statuses: [400] };
  },
  'names of prototypes': (path, _, pick) => ({
    pieces: whole(
      path,
      `{"${one(['__proto__', 'constructor', 'toString'], pick)}":{"inputs":1},"inputs":[${JSON.stringify(RGB)}]}`,
    ),
    afterwards: 'wait',
    statuses: [400],
  }),
  'a field that is wrong': (path, _, pick) => ({
    pieces: whole(path, changed(one(OTHER_FIELDS, pick))),
    afterwards: 'wait',
    statuses: [400],
  }),
  'a request that is wrong': (path, _, pick) => ({
    pieces: whole(path, json({ inputs: [RGB], ...one(OTHER_REQUESTS, pick) })),
    afterwards: 'wait',
    statuses: [400],
  }),
  'a shape beyond all memory': (path, _, pick) => ({
    pieces: whole(
      path,
      changed({
        shape: one(
          [
            [1, 1e9, 1e9, 3],
            [1e15, 1, 1, 3],
            [16, 7000, 7000, 3],
            [1, 1e308, 1e308, 3],
          ],
          pick,
        ),
      }),
    ),
    afterwards: 'wait',
    statuses: [400, 413],
  }),
  'a length of the JSON that lies': (path, body, pick) => ({
    pieces: behind(
      path,
      body,
      anyBytes(10, pick),
      one(['0', '-1', '1e3', 'a', '99999999', '1', body.length + 3], pick),
    ),
    afterwards: 'wait',
    statuses: [400],
  }),
  'bytes that no tensor has': (path, body, pick) => ({
    pieces: behind(path, body, anyBytes(1 + pick(10), pick)),
    afterwards: 'wait',
    statuses: [400],
  }),
  'a size of bytes that lies': (path, _, pick) => ({
    pieces: file(path, elements(anyBytes(20, pick)), one([0, 1, 23, 25, -1, 1e15, 0.5, '24'], pick)),
    afterwards: 'wait',
    statuses: [400],
  }),
  'lengths of elements that lie': (path, _, pick) => {
    const lying = elements(anyBytes(20, pick));
    lying.writeUInt32LE(one([0, 1, 19, 21, 0x7fffffff, 0xffffffff], pick));
    return { pieces: file(path, lying), afterwards: 'wait', statuses: [400] };
  },
  'a number of elements that lies': (path, _, pick) => ({
    pieces: file(path, elements(anyBytes(20, pick)), 24, one([[2], [16], [1, 1], []], pick)),
    afterwards: 'wait',
    statuses: [400],
  }),
  'too many pictures': (path, _, pick) => ({
    pieces: file(path, elements(anyBytes(20, pick)), 24, [17 + pick(1e9)]),
    afterwards: 'wait',
    statuses: [413],
  }),
  'no base64': (path, _, pick) => ({
    pieces: whole(
      path,
      changed(
        { parameters: { content_type: 'base64' }, data: [one(['*', 'AAA', 'A=AA', '====', ' AAA', 1, null], pick)] },
        FILE,
      ),
    ),
    afterwards: 'wait',
    statuses: [400, 422],
  }),
  'no picture': (path, _, pick) => ({
    pieces: file(path, elements(noPicture(pick))),
    afterwards: 'wait',
    statuses: [422],
  }),
};

function noPicture(pick: Pick): Uint8Array {
  return pick(3) === 0
    ? new Uint8Array()
    : bytes(one(['%PDF-1.7\n', '\x89PNG\r\n\x1a\n', '<svg/>', 'BM'], pick), anyBytes(pick(50), pick));
}
