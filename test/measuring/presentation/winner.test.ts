import { describe, expect, test } from 'vitest';
import { winnerLines } from '../../../measuring/presentation/winner.js';
import type { ComparisonRecord } from '../../../measuring/record.js';

const size = { height: 224, width: 224 };
const compared = (first: string, second: string, ratio: number, verdict: ComparisonRecord['verdict']) => ({
  first,
  second,
  size: { first: size, second: size },
  batch: 1,
  ratio,
  q25: ratio * 0.95,
  q75: ratio * 1.05,
  rounds: 15,
  verdict,
});

describe('winnerLines', () => {
  test('of two', () => {
    expect(winnerLines([compared('a', 'b', 0.5, 'faster')])).toEqual([
      '224x224, batch 1: a is faster: it takes 0.500 (0.475 to 0.525) of the time of b.',
    ]);
    expect(winnerLines([compared('a', 'b', 2, 'slower')])).toEqual([
      '224x224, batch 1: b is faster: it takes 0.500 (0.476 to 0.526) of the time of a.',
    ]);
    const [unclear = ''] = winnerLines([compared('a', 'b', 0.9, 'unclear')]);
    expect(unclear).toMatch(/^224x224, batch 1: no winner: a takes 0\.900 .+ The machine is too noisy/);
    expect(unclear).not.toMatch(/is faster|is fastest/);
  });

  test('of several, only where every comparison says so', () => {
    const clear = [compared('a', 'b', 1.5, 'slower'), compared('a', 'c', 3, 'slower'), compared('b', 'c', 2, 'slower')];
    expect(winnerLines(clear)).toEqual([
      '224x224, batch 1: c is fastest: it takes 0.500 (0.476 to 0.526) of the time of the next, b.',
    ]);
    const close = [clear[0], clear[1], compared('b', 'c', 1.01, 'unclear')].flatMap((comparison) => comparison ?? []);
    const [line = ''] = winnerLines(close);
    expect(line).toMatch(/^224x224, batch 1: no winner: b cannot be told from c \(1\.01 /);
  });

  test('of several that were compared with the first alone: each by itself', () => {
    const apart = [compared('a', 'b', 0.5, 'faster'), compared('a', 'c', 2, 'slower')];
    expect(winnerLines(apart).map((line) => line.replace(/: it takes.*/, ''))).toEqual([
      '224x224, batch 1: a is faster',
      '224x224, batch 1: c is faster',
    ]);
  });

  test('each size and batch has its own', () => {
    const others = { ...compared('a', 'b', 0.5, 'faster'), batch: 8 };
    const lines = winnerLines([compared('a', 'b', 2, 'slower'), others]);
    expect(lines.map((line) => line.split(':')[0])).toEqual(['224x224, batch 1', '224x224, batch 8']);
  });
});
