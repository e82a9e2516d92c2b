import { describe, expect, it } from 'vitest';
import { table } from '../../drawing/text_table.js';

describe('table', () => {
  it('aligns what is wide, combined or drawn over two columns', () => {
    const names = ['cat', 'トマト', '犬', 'e\u0301te\u0301', '👩‍🌾 farmer', '한국어'];
    const text = table(
      ['class', 'AP'],
      names.map((name) => [name, '0.5']),
      ['left', 'right'],
    );
    expect(text.split('\n')).toEqual([
      'class       AP',
      '---------  ---',
      'cat        0.5',
      'トマト     0.5',
      '犬         0.5',
      'e\u0301te\u0301        0.5',
      '👩‍🌾 farmer  0.5',
      '한국어     0.5',
    ]);
  });

  it('breaks the last column where the width ends', () => {
    const text = table(['device', 'needs'], [['cuda', 'a driver, and libraries\nin the library path']], [], 26);
    expect(text.split('\n')).toEqual([
      'device  needs',
      '------  ------------------',
      'cuda    a driver, and',
      '        libraries',
      '        in the library',
      '        path',
    ]);
  });

  it('breaks a word that is longer than its column', () => {
    expect(
      table(['a', 'b'], [['x', 'y'.repeat(40)]], [], 23)
        .split('\n')
        .slice(2),
    ).toEqual([`x  ${'y'.repeat(20)}`, `   ${'y'.repeat(20)}`]);
  });
});
