import { afterEach, describe, expect, it, vi } from 'vitest';
import { LABEL_FONT } from '../../drawing/canvas.js';
import { loadCanvas } from '../../drawing/font.js';
import { fitText, textMeasure } from '../../drawing/text.js';

describe('the shipped font', () => {
  it('is the one that labels are set in', async () => {
    const canvas = await loadCanvas();
    expect(canvas.GlobalFonts.has(LABEL_FONT)).toBe(true);
    // Inter Medium's advance widths in units of 1/2048 em, without kerning
    const measure = textMeasure(canvas);
    expect(measure('0', 2048)).toBeCloseTo(1322, 0);
    expect(measure('i', 2048)).toBeCloseTo(516, 0);
  });

  it.each(['Ω μ', 'заяц', 'çğşİ', '±µ→≥'])('has the letters of %s', async (text) => {
    const measure = textMeasure(await loadCanvas());
    const missing = measure('\u{10FFFD}', 100);
    for (const letter of text.replaceAll(' ', '')) expect(measure(letter, 100), letter).not.toBe(missing);
  });
});

describe('text', () => {
  it('is cut to a width with an ellipsis, never within a letter', async () => {
    const measure = textMeasure(await loadCanvas());
    for (const text of [
      'a rather long class name',
      '長い名前長い名前長い名前',
      '👩‍🔬👩‍🔬👩‍🔬👩‍🔬👩‍🔬',
      'x'.repeat(100_000),
    ]) {
      const cut = fitText(measure, text, 12, 60);
      expect(measure(cut, 12)).toBeLessThanOrEqual(60);
      expect(cut.endsWith('…')).toBe(true);
      expect(cut).not.toMatch(/\p{Surrogate}/u);
    }
    expect(fitText(measure, 'short', 12, 60)).toBe('short');
    expect(fitText(measure, 'short', 12, 3)).toBe('');
  });
});

describe('without the canvas package', () => {
  afterEach(() => {
    vi.doUnmock('canvas');
    vi.resetModules();
  });

  it('says what to install', async () => {
    vi.resetModules();
    vi.doMock('canvas', () => {
      throw new Error("Cannot find package 'canvas'");
    });
    const fresh = await import('../../drawing/font.js');
    await expect(fresh.loadCanvas()).rejects.toMatchObject({
      name: 'LowformerError',
      code: 'missing-package',
      message: expect.stringMatching(/: npm install --os=\S+ --cpu=\S+ .*canvas@npm:@napi-rs\/canvas$/),
    });
  });
});
