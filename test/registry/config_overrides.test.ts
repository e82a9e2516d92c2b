import { describe, expect, test } from 'vitest';
import { parseLiteral } from '../../registry/config_literal.js';
import { applyOverrides, parseOverride } from '../../registry/config_overrides.js';
import { originAt } from '../../registry/config_tree.js';
import { configOf, fixture, messageOf, resolveAll } from './config_cases.js';

describe('values', () => {
  const reference = fixture('literals.json');
  if (!Array.isArray(reference)) throw new Error('fixture');
  test.each(reference.map(([text, value]) => ({ text, value })))(
    "as mmengine's DictAction: $text",
    ({ text, value }) => {
      expect(parseLiteral(text)).toEqual(value);
    },
  );

  test.each([
    ['null', null],
    ["'1,2'", '1,2'],
    ['"12"', '12'],
    ['"it\'s"', "it's"],
    [String.raw`"say \"a\" \\ C:\data\new"`, String.raw`say "a" \ C:\data\new`],
    ['red cell', 'red cell'],
    ['red cell, white cell', ['red cell', 'white cell']],
    ['["a,b", \'c]\']', ['a,b', 'c]']],
    [
      '(1, 2), (3, 4)',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['a(b,c)d', 'a(b,c)d'],
    ['{type: nms, iou_threshold: 0.5}', { type: 'nms', iou_threshold: 0.5 }],
    ['{"a_b.c": [1, {x: None}],}', { 'a_b.c': [1, { x: null }] }],
    ['{}', {}],
    ["{'a': 'b:c', url: http://x/y}", { a: 'b:c', url: 'http://x/y' }],
    ['12abc', '12abc'],
    ['-', '-'],
    ['  7  ', 7],
    ['a=b', 'a=b'],
  ])('%s', (text, value) => {
    expect(parseLiteral(text)).toEqual(value);
  });

  test('every plain value written as JSON reads back', () => {
    const value = {
      a: [1, -2.5e-7, true, null, 'text', "it's", 'a, b]', String.raw`back\slash`, 'a "b"'],
      b: { c: [[]] },
    };
    expect(parseLiteral(JSON.stringify(value))).toEqual(value);
  });

  const QUOTES = 'Put text that holds commas or brackets in quotes.';
  test.each([
    ['[1,2', "a ']' for every '['"],
    ['(1,(2)', "a ')' for every '('"],
    ['1]', "a comma or the end before ']'"],
    ['[1]2', "a comma or the end before '2'"],
    ['[1 (2]', "a closing ')'"],
    ['(1]', "a comma or the end before ']'"],
    ['a,,b', 'a value between the commas'],
    [',a', 'a value between the commas'],
    ['"abc', 'a closing "'],
    ["'a'b", "a comma or the end before 'b'"],
    ['a(b', "a closing ')'"],
    ['{a}', 'an object as {key: value, key: value}'],
    ['{a: }', "a comma or the end before '}'"],
    ['inf', 'a finite number (write "\'inf\'" for the text)'],
    ['-NaN', 'a finite number (write "\'-NaN\'" for the text)'],
    ['1e999', 'a finite number (write "\'1e999\'" for the text)'],
  ])('malformed: %s', (text, expected) => {
    expect(messageOf(() => parseOverride(`a.b=${text}`))).toBe(
      `--cfg-options a.b: expected ${expected} but received '${text}'. ${QUOTES}`,
    );
  });
});

describe('setting', () => {
  const trees = Object.fromEntries(
    ['model', 'pipeline', 'detector'].map((name) => [`${name}.json`, fixture(`merge/${name}.json`)]),
  );
  const reference = fixture('overrides.json');
  if (!Array.isArray(reference)) throw new Error('fixture');

  test.each(reference.map(({ options, expected }) => ({ options, expected })))(
    "as mmengine's merge_from_dict: $options",
    async ({ options, expected }) => {
      expect(applyOverrides(await resolveAll(trees, 'detector.json'), options).value).toEqual(expected);
    },
  );

  const base = { model: { neck: { num_outs: 5, init_cfg: null } }, steps: [{ scale: [1, 2] }, 'x'] };
  test.each([
    ['steps.0.scale.1=9', { ...base, steps: [{ scale: [1, 9] }, 'x'] }],
    ['steps.1=y', { ...base, steps: [{ scale: [1, 2] }, 'y'] }],
    ['model.neck={num_outs: 4}', { ...base, model: { neck: { num_outs: 4, init_cfg: null } } }],
    [
      'model.neck.init_cfg.type=Pretrained',
      { ...base, model: { neck: { num_outs: 5, init_cfg: { type: 'Pretrained' } } } },
    ],
    ['a.b.0.c=1', { ...base, a: { b: { '0': { c: 1 } } } }],
    [' load_from = a=b.pth', { ...base, load_from: 'a=b.pth' }],
  ])('%s', (option, expected) => {
    expect(applyOverrides(configOf(base), [option]).value).toEqual(expected);
  });

  test('origins: what was set, and nothing else', () => {
    const config = applyOverrides(configOf(base), ['model.neck.num_outs=4', 'steps.0.scale=[3,4]', 'new.key=1']);
    expect(config.sources).toEqual(['a.json', '--cfg-options']);
    const from = (path: string) => originAt(config.origins, path);
    expect(['model.neck.num_outs', 'steps.0.scale', 'steps.0.scale.0', 'new', 'new.key'].map(from)).toEqual(
      Array(5).fill('--cfg-options'),
    );
    expect(['model', 'model.neck.init_cfg', 'steps', 'steps.0', 'steps.1'].map(from)).toEqual(Array(5).fill('a.json'));
  });

  test('the config itself stays as it is, and without options nothing is made', () => {
    const config = configOf(base);
    applyOverrides(config, ['model.neck.num_outs=1']);
    expect(config).toEqual(configOf(base));
    expect(applyOverrides(config, [])).toBe(config);
  });

  const EXAMPLE = 'For example: --cfg-options model.test_cfg.score_thr=0.3 "test_pipeline.1.scale=[416,320]"';
  const DUMP =
    "mmengine resolves it: python -c \"from mmengine import Config; Config.fromfile('x.py').dump('x.json')\"";
  test.each([
    ['model', `--cfg-options: expected key.path=value but received 'model'. ${EXAMPLE}`],
    ['=1', `--cfg-options: expected key.path=value but received '=1'. ${EXAMPLE}`],
    ['a..b=1', `--cfg-options: expected key.path=value but received 'a..b=1'. ${EXAMPLE}`],
    ['a b=1', `--cfg-options: expected key.path=value but received 'a b=1'. ${EXAMPLE}`],
    [
      'model.neck.num_outs.x=1',
      '--cfg-options model.neck.num_outs.x: expected an object or a list at model.neck.num_outs but received 5',
    ],
    [
      'steps.2.scale=1',
      "--cfg-options steps.2.scale: expected an index from 0 to 1 into the list at steps but received '2'",
    ],
    ['steps.-1=1', "--cfg-options steps.-1: expected an index from 0 to 1 into the list at steps but received '-1'"],
    [
      'steps.first=1',
      "--cfg-options steps.first: expected an index from 0 to 1 into the list at steps but received 'first'",
    ],
    ['empty.0=1', "--cfg-options empty.0: expected nothing below empty, an empty list, but received '0'"],
    [
      'steps={a: 1}',
      '--cfg-options, steps: expected a list, as in a.json but received {"a":1}. An object only merges with an object; inherit from a base that does not set this key.',
    ],
    ['_base_=b.json', "--cfg-options _base_: expected no '_base_', which is no key that can be set"],
    ['a.__proto__.b=1', "--cfg-options a.__proto__.b: expected no '__proto__', which is no key that can be set"],
    ['a={x: {__proto__: 1}}', "--cfg-options a: expected no '__proto__', which is no key that can be set"],
    [
      'model={_delete_: true}',
      `--cfg-options model: expected no '_delete_'. Inherit from a base that does not set the keys to be deleted, or use a resolved config: ${DUMP}`,
    ],
  ])('refused: %s', (option, message) => {
    expect(messageOf(() => applyOverrides(configOf({ ...base, empty: [] }), [option]))).toBe(message);
  });
});
