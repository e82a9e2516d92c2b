import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fpn } from '../../necks/fpn.js';
import { schemaError } from '../../registry/schema_error.js';
import { messageOf } from './config_cases.js';

/** The message for a part that stands at `model.neck` of a.json. */
function refusal(
  schema: z.ZodType,
  input: unknown,
  more: { readonly origin?: string; readonly bare?: boolean } = {},
): string {
  const { error } = schema.safeParse(input);
  if (error === undefined) return 'valid';
  const originOf = () => more.origin ?? 'a.json';
  return schemaError(error, { path: 'model.neck', input, originOf, ...(more.bare ? {} : { schema }) }).message;
}

const nms = z.strictObject({ type: z.literal('nms'), iou_threshold: z.number().min(0).max(1) });
const soft = z.strictObject({ type: z.literal('soft_nms'), sigma: z.number().positive().optional() });
const coder = z.discriminatedUnion('type', [nms, soft]);

describe('one problem', () => {
  const FPN_KEYS =
    'in_channels, out_channels, num_outs, start_level, end_level, add_extra_convs, relu_before_extra_convs, no_norm_on_lateral, conv_cfg, norm_cfg, act_cfg, upsample_cfg';
  const valid = { out_channels: 256, num_outs: 5 };
  const cases: readonly (readonly [name: string, schema: z.ZodType, input: unknown, message: string])[] = [
    [
      'a misspelt key',
      fpn.schema,
      { out_channels: 256, num_out: 5 },
      `.num_out: expected one of the keys ${FPN_KEYS} but received 'num_out'. Did you mean 'num_outs'? Set in a.json.`,
    ],
    [
      'an unknown key',
      fpn.schema,
      { ...valid, xyzzy: 1 },
      `.xyzzy: expected one of the keys ${FPN_KEYS} but received 'xyzzy'. Set in a.json.`,
    ],
    [
      'a wrong type',
      fpn.schema,
      { ...valid, num_outs: 'five' },
      ".num_outs: expected an integer but received 'five'. Set in a.json.",
    ],
    [
      'a fraction',
      fpn.schema,
      { ...valid, num_outs: 4.5 },
      '.num_outs: expected an integer but received 4.5. Set in a.json.',
    ],
    [
      'a bound',
      fpn.schema,
      { ...valid, num_outs: 0 },
      '.num_outs: expected an integer over 0 but received 0. Set in a.json.',
    ],
    [
      'a missing key',
      fpn.schema,
      { out_channels: 256 },
      '.num_outs: expected an integer, but the key is missing. What it belongs to is set in a.json.',
    ],
    [
      'an item of a list',
      fpn.schema,
      { ...valid, in_channels: [64, -1] },
      '.in_channels.1: expected an integer over 0 but received -1. Set in a.json.',
    ],
    [
      'a union of names and booleans',
      fpn.schema,
      { ...valid, add_extra_convs: 'on_inptu' },
      ".add_extra_convs: expected one of 'on_input', 'on_lateral', 'on_output' or true or false but received 'on_inptu'. Did you mean 'on_input'? Set in a.json.",
    ],
    [
      'an unknown type',
      fpn.schema,
      { ...valid, norm_cfg: { type: 'BM' } },
      ".norm_cfg.type: expected one of 'BN', 'BN2d', 'SyncBN', 'GN' but received 'BM'. Did you mean 'BN'? Set in a.json.",
    ],
    [
      'a missing type',
      fpn.schema,
      { ...valid, norm_cfg: {} },
      ".norm_cfg.type: expected one of 'BN', 'BN2d', 'SyncBN', 'GN', but the key is missing. What it belongs to is set in a.json.",
    ],
    ['no object', fpn.schema, 'FPN', ": expected an object but received 'FPN'. Set in a.json."],
    [
      'a key of the chosen branch',
      coder,
      { type: 'nms', iou_thr: 0.5 },
      ".iou_thr: expected one of the keys type, iou_threshold but received 'iou_thr'. Did you mean 'iou_threshold'? Set in a.json.",
    ],
    [
      'inclusive bounds',
      coder,
      { type: 'nms', iou_threshold: 2 },
      '.iou_threshold: expected a number of at most 1 but received 2. Set in a.json.',
    ],
    [
      'a plain union: the branch with the right type',
      z.union([nms, soft]),
      { type: 'soft_nms', sigma: 'x', q: 1 },
      ".sigma: expected a number but received 'x'. Set in a.json. And 1 more: model.neck.q.",
    ],
    [
      'a plain union: no branch has the type',
      z.union([nms, soft]),
      { type: 'nsm' },
      ".type: expected one of 'nms', 'soft_nms' but received 'nsm'. Did you mean 'nms'? Set in a.json.",
    ],
    [
      'a union of kinds',
      z.union([z.number(), z.array(z.number())]),
      'x',
      ": expected a number or a list but received 'x'. Set in a.json.",
    ],
    [
      'a union of kinds, one entered',
      z.union([z.number(), z.array(z.number())]),
      [1, 'x'],
      ".1: expected a number but received 'x'. Set in a.json.",
    ],
    [
      'a nested union',
      z.strictObject({ a: z.union([z.string(), z.union([z.number(), z.null()])]) }),
      { a: true },
      '.a: expected a text or a number or null but received true. Set in a.json.',
    ],
    [
      'exactly one form',
      z.xor([z.object({ a: z.number() }), z.object({ b: z.number() })]),
      { a: 1, b: 2 },
      ': expected a value of exactly one of the allowed forms but received {"a":1,"b":2}. Set in a.json.',
    ],
    [
      'a tuple',
      z.tuple([z.int(), z.int()]),
      [1],
      ': expected a list of exactly 2 items but received [1]. Set in a.json.',
    ],
    [
      'a tuple too long, in a key',
      z.strictObject({ scale: z.tuple([z.int(), z.int()]).readonly() }),
      { scale: [1, 2, 3] },
      '.scale: expected a list of exactly 2 items but received [1,2,3]. Set in a.json.',
    ],
    [
      'a fixed length',
      z.array(z.number()).length(3),
      [1],
      ': expected a list of exactly 3 items but received [1]. Set in a.json.',
    ],
    [
      'a least length',
      z.array(z.number()).min(1),
      [],
      ': expected a list of at least 1 item but received []. Set in a.json.',
    ],
    [
      'a least length of text',
      z.string().min(2),
      'a',
      ": expected a text of at least 2 characters but received 'a'. Set in a.json.",
    ],
    ['exclusive bounds', z.number().lt(1), 1, ': expected a number below 1 but received 1. Set in a.json.'],
    ['a multiple', z.number().multipleOf(8), 12, ': expected a multiple of 8 but received 12. Set in a.json.'],
    [
      'a pattern',
      z.string().regex(/^a+$/),
      'b',
      ": expected a text that matches /^a+$/ but received 'b'. Set in a.json.",
    ],
    ['a format', z.url(), 'b', ": expected a text: url but received 'b'. Set in a.json."],
    [
      'a single name',
      z.literal('nms'),
      'nmss',
      ": expected 'nms' but received 'nmss'. Did you mean 'nms'? Set in a.json.",
    ],
    [
      'numbers to choose from',
      z.literal([1, 2, null]),
      3,
      ': expected one of 1, 2, null but received 3. Set in a.json.',
    ],
    ['null', z.null(), 3, ': expected null but received 3. Set in a.json.'],
    [
      'a key that a record does not take',
      z.partialRecord(z.enum(['a', 'b']), z.number()),
      { c: 1 },
      ".c: expected no such key but received 'c'. Set in a.json.",
    ],
    [
      'a value in a record',
      z.record(z.string(), z.boolean()),
      { c: 1 },
      '.c: expected true or false but received 1. Set in a.json.',
    ],
    [
      'a message of the schema',
      z.number().refine((x) => x !== 0, { error: 'expected no zero' }),
      0,
      ': expected no zero but received 0. Set in a.json.',
    ],
    [
      'a message on a union',
      z.union([z.tuple([z.number()]), z.null()], { error: 'expected one number in a list' }),
      3,
      ': expected one number in a list but received 3. Set in a.json.',
    ],
    [
      'a refinement without a message',
      z.number().refine((x) => x !== 0),
      0,
      ': expected a valid value but received 0. Set in a.json.',
    ],
    ['a never', z.strictObject({ a: z.never() }), { a: 1 }, '.a: expected nothing but received 1. Set in a.json.'],
    [
      'a lazy schema in a default',
      z.lazy(() => nms).default({ type: 'nms', iou_threshold: 1 }),
      { type: 'nms', iou_threshold: 1, iou: 1 },
      ".iou: expected one of the keys type, iou_threshold but received 'iou'. Did you mean 'iou_threshold'? Set in a.json.",
    ],
    [
      'a conversion',
      z.strictObject({ mean: z.array(z.number()) }).transform((x) => x),
      { meen: [], mean: [] },
      ".meen: expected one of the keys mean but received 'meen'. Did you mean 'mean'? Set in a.json.",
    ],
    [
      'a key in a list',
      z.array(z.strictObject({ scale: z.number() })),
      [{ scale: 1 }, { scale: 1, scala: 2 }],
      ".1.scala: expected one of the keys scale but received 'scala'. Did you mean 'scale'? Set in a.json.",
    ],
  ];
  test.each(cases)('%s', (_, schema, input, message) => {
    expect(refusal(schema, input)).toBe(`model.neck${message}`);
  });

  test('many names are counted', () => {
    const names = Array.from({ length: 20 }, (_, i) => `name${i}`);
    expect(refusal(z.enum(names), 'x')).toBe(
      `model.neck: expected one of ${names
        .slice(0, 15)
        .map((name) => `'${name}'`)
        .join(', ')} and 5 more but received 'x'. Set in a.json.`,
    );
  });

  test('set by an option; by nobody known; without a schema', () => {
    expect(refusal(nms, { type: 'nms', iou_threshold: 'x' }, { origin: '--cfg-options' })).toBe(
      "model.neck.iou_threshold: expected a number but received 'x'. Set by --cfg-options.",
    );
    expect(refusal(nms, { type: 'nms', iou_threshold: 'x' }, { origin: 'default' })).toBe(
      "model.neck.iou_threshold: expected a number but received 'x'",
    );
    expect(refusal(nms, { type: 'nms', iou_threshold: 1, iou: 1 }, { bare: true })).toBe(
      "model.neck.iou: expected no such key but received 'iou'. Set in a.json.",
    );
  });

  test('origins are asked for the path of the problem', () => {
    const input = { type: 'nms', iou_threshold: 'x' };
    const { error } = nms.safeParse(input);
    const asked: string[] = [];
    if (error === undefined) throw new Error('valid');
    const refused = schemaError(error, { path: '', input, originOf: (path) => void asked.push(path) });
    expect(asked).toEqual(['iou_threshold']);
    expect(refused).toMatchObject({
      code: 'invalid-config',
      path: 'iou_threshold',
      message: "iou_threshold: expected a number but received 'x'",
    });
    expect(refused.cause).toBe(error);
  });
});

describe('several problems', () => {
  const schema = z.strictObject({ type: z.literal('A'), width: z.number(), depth: z.number(), nms: coder.optional() });

  test.each([
    [
      { type: 'B', widht: 1, depth: 'x', q: 1 },
      "type: expected 'A' but received 'B'. Did you mean 'A'? Set in a.json. And 3 more: model.neck.widht, model.neck.depth, model.neck.q.",
    ],
    [
      { type: 'A', widht: 1, depth: 'x' },
      "widht: expected one of the keys type, width, depth, nms but received 'widht'. Did you mean 'width'? Set in a.json. And 1 more: model.neck.depth.",
    ],
    [
      { type: 'A', depth: 'x', zzzzzz: 1 },
      "depth: expected a number but received 'x'. Set in a.json. And 2 more: model.neck.zzzzzz, model.neck.width.",
    ],
    [
      { type: 'A' },
      'width: expected a number, but the key is missing. What it belongs to is set in a.json. And 1 more: model.neck.depth.',
    ],
    [
      { type: 'A', width: 1, depth: 'x', nms: { type: 'nmz' } },
      "nms.type: expected one of 'nms', 'soft_nms' but received 'nmz'. Did you mean 'nms'? Set in a.json. And 1 more: model.neck.depth.",
    ],
  ])('the most telling first: %o', (input, message) => {
    expect(refusal(schema, input)).toBe(`model.neck.${message}`);
  });

  test('beyond eight they are only counted', () => {
    const letters = z.strictObject(Object.fromEntries([...'abcdefghijk'].map((letter) => [letter, z.number()])));
    expect(refusal(letters, {})).toBe(
      'model.neck.a: expected a number, but the key is missing. What it belongs to is set in a.json. And 10 more: model.neck.b, model.neck.c, model.neck.d, model.neck.e, model.neck.f, model.neck.g, model.neck.h, model.neck.i, ....',
    );
  });
});

test('every refused input gives a message, whatever the schema', () => {
  const inputs = [undefined, null, 1, 'x', [], {}, [[]], { type: 'nms' }, { a: { b: 1 } }];
  const schemas = [
    nms,
    coder,
    fpn.schema,
    z.union([nms, soft, z.null()]),
    z.map(z.string(), z.number()),
    z.set(z.number()),
    z.intersection(nms, soft),
  ];
  for (const schema of schemas) {
    for (const input of inputs)
      expect(messageOf(() => expect(refusal(schema, input)).toMatch(/^(valid$|model\.neck.*: expected \S)/))).toBe(
        'nothing was thrown',
      );
  }
});
