import { describe, expect, test } from 'vitest';
import { findingOf, paying } from '../../../measuring/blocks/finding.js';
import type { BlockCell } from '../../../measuring/blocks/record.js';

const milliseconds = { median: 1, q25: 1, q75: 1, least: 1 };
const cell = (channels: number, side: number, ratio: number, pays: BlockCell['pays']): BlockCell => ({
  channels,
  side,
  first: { macs: 4e6, milliseconds, macs_per_second: 4e9 / ratio },
  second: { macs: 1e6, milliseconds, macs_per_second: 1e9 },
  ratio,
  q25: ratio,
  q75: ratio,
  rounds: 15,
  verdict: 'unclear',
  choice: 'first',
  pays,
});

test.each([
  ['first', 'faster', 'yes'],
  ['first', 'slower', 'no'],
  ['second', 'faster', 'no'],
  ['second', 'slower', 'yes'],
  ['first', 'unclear', 'unclear'],
] as const)('a choice of the %s, which is %s: pays? %s', (choice, verdict, pays) => {
  expect(paying(choice, verdict)).toBe(pays);
});

describe('findingOf', () => {
  const choice = { first: 'fused', second: 'unfused', choiceText: 'fuses below 256 channels' };

  test('names every place', () => {
    const cells = [cell(16, 7, 0.5, 'yes'), cell(16, 14, 0.8, 'yes'), cell(64, 7, 2, 'no'), cell(64, 14, 1, 'unclear')];
    expect(findingOf(cells, choice)).toBe(
      'LowFormer fuses below 256 channels. That pays at 2 of 4 places: 16 channels at 7x7 (0.500), 14x14 (0.800). It costs time at 1: 64 channels at 7x7 (2.00). Not to be told, within the noise, at 1: 64 channels at 14x14 (1.00). In the median, fused does 4.50 times as many MACs a second as unfused.',
    );
  });

  test('nowhere, and nothing', () => {
    expect(findingOf([cell(16, 7, 2, 'no')], choice)).toContain(
      'That is shown to pay nowhere here. It costs time at 1:',
    );
    expect(findingOf([cell(16, 7, 2, 'unclear')], choice)).toMatch(
      /^LowFormer fuses .+ Whether that pays cannot be told anywhere,/,
    );
    expect(findingOf([], choice)).toBe('Nothing was measured.');
  });
});
