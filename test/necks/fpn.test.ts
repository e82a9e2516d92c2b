import { expect, test } from 'vitest';
import { fpn } from '../../necks/fpn.js';
import { buildNeck, describeNeck } from './neck_parity.js';

const build = (config: Readonly<Record<string, unknown>>) => buildNeck(fpn, config, [8, 12, 20, 28]);

const forms = [
  'end_level',
  'no_norm_lateral',
  'norm_act',
  'on_input',
  'on_lateral',
  'on_output',
  'plain',
  'pooled',
  'relu',
  'true',
];

for (const form of forms) describeNeck({ type: 'FPN', form, build, bound: 1e-5 });

test('strides double from the first level used', () => {
  expect(build({ out_channels: 16, num_outs: 5, start_level: 1, add_extra_convs: 'on_input' }).strides).toEqual([
    8, 16, 32, 64, 128,
  ]);
});

test.each([
  [{ out_channels: 16, num_outs: 3 }, 'FPN.num_outs: expected at least 4, the levels used but received 3'],
  [
    { out_channels: 16, num_outs: 4, end_level: 2 },
    'FPN.num_outs: expected 3, the levels from start_level to end_level but received 4',
  ],
  [{ out_channels: 16, num_outs: 4, end_level: 4 }, 'FPN.end_level: expected at most 3 but received 4'],
  [{ out_channels: 16, num_outs: 4, start_level: 4 }, 'FPN.start_level: expected at most 3 but received 4'],
  [
    { out_channels: 16, num_outs: 4, in_channels: [8, 12, 20, 32] },
    'FPN.in_channels: expected [8, 12, 20, 28], the channels of the features that come in but received [8,12,20,32]',
  ],
])('a config that contradicts the features is refused: %j', (config, message) => {
  expect(() => build(config)).toThrow(message);
});
