/** Names that a trainer has put something before. */
import { describe, expect, test } from 'vitest';
import { describeLoad } from '../../weights/load_report.js';
import { unwrapNames, wrappedNames } from '../../weights/name_map.js';
import type { StateDict } from '../../weights/state_dict.js';

const names = [
  'backbone.conv1.weight',
  'backbone.layer1.0.conv1.weight',
  'backbone.layer1.0.bn1.weight',
  'neck.lateral_convs.0.conv.weight',
  'bbox_head.retina_cls.weight',
];
const parameters = names.map((name) => ({ name, shape: [1] }));
const dictionary = (keys: readonly string[]): StateDict =>
  new Map(keys.map((key) => [key, { shape: [1], dtype: 'float32', read: () => new Float32Array() }]));
const under = (prefix: string) => names.map((name) => prefix + name);
const wrapped = (keys: readonly string[]) => wrappedNames(parameters, dictionary(keys));

test.each(['model.', 'detector.', 'net.model.', 'student.module.', 'ema_model.module.'])('%s', (prefix) => {
  const keys = [...under(prefix), 'criterion.weight', 'step'];
  expect(wrapped(keys)).toEqual({ prefix, others: [] });
  const unwrapped = unwrapNames('weights.pth', dictionary(keys), wrapped(keys));
  expect([...unwrapped.keys()]).toEqual([...names, 'criterion.weight', 'step']);
});

describe('of several networks', () => {
  test.each([
    ['student.', 'teacher.'],
    ['model.student.', 'model.teacher.'],
    ['student.module.', 'teacher.module.'],
  ])('%s and %s: the teacher, and it is said', (student, teacher) => {
    for (const keys of [
      [...under(student), ...under(teacher)],
      [...under(teacher), ...under(student)],
    ]) {
      const found = wrapped(keys);
      expect(found).toEqual({ prefix: teacher, others: [student] });
      if (found === undefined) continue;
      expect([...unwrapNames('weights.pth', dictionary(keys), found).keys()].toSorted()).toEqual(
        [...names, ...under(student)].toSorted(),
      );
      const report = { loaded: names, missing: [], unexpected: [], mismatched: [], unwrapped: found };
      expect(describeLoad(report)[0]).toBe(`the weights under '${teacher}' are used, and not those of '${student}'`);
    }
  });

  test('others that fit alike: none', () => {
    expect(wrapped([...under('a.'), ...under('b.')])).toBeUndefined();
  });
});

test.each([
  ['as the network has them', names],
  ['of the network, beside an average', [...names, ...under('ema.')]],
  ['of a bare backbone', ['conv1.weight', 'layer1.0.conv1.weight', 'layer1.0.bn1.weight']],
  ['of another model', ['encoder.block.0.weight', 'decoder.weight']],
  ['none', []],
])('names %s stay', (_, keys) => {
  expect(wrapped(keys)).toBeUndefined();
});
