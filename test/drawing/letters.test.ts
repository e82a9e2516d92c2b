import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { type CanvasPackage, familyList } from '../../drawing/canvas.js';
import { oneLine, shownText, undrawable } from '../../drawing/letters.js';
import { textMeasure } from '../../drawing/text.js';

const FONTS = fileURLToPath(new URL('../fixtures/fonts/', import.meta.url));

/** The package anew, with these fonts and none of the machine's, as far as the names that are tested go. */
async function canvasWith(fonts: string): Promise<CanvasPackage> {
  vi.stubEnv('LOWFORMER_FONTS', fonts);
  vi.resetModules();
  try {
    const { loadCanvas } = await import('../../drawing/font.js');
    const { createCanvas, fallbacks } = await loadCanvas();
    const families = fallbacks.families.filter((family) => family.startsWith('Lowformer Label '));
    return { createCanvas, fallbacks: { families, adopt: () => false } };
  } finally {
    vi.unstubAllEnvs();
  }
}

describe('names whose letters no font has', () => {
  it.each([
    ['トマト', '#3'],
    ['강아지', '#3'],
    ['كلب', '#3'],
    ['トマト (tomato)', '(tomato) #3'],
    ['dog 犬', 'dog #3'],
    ['12 犬', '#3'],
    ['naïve café', 'naïve café'],
    ['заяц', 'заяц'],
    ['cat', 'cat'],
  ])('%s is shown as %s', async (name, shown) => {
    expect(shownText(await canvasWith(''), name, 3)).toBe(shown);
  });

  it('are told; a text that names no class has a sign for each', async () => {
    const canvas = await canvasWith('');
    expect(undrawable(canvas, ['cat', 'トマト', 'dog 犬', 'заяц'])).toEqual(['トマト', 'dog 犬']);
    expect(shownText(canvas, 'トマト.png')).toBe('???.png');
  });
});

describe('names whose letters a font has', () => {
  it('are shown as they are, each script in its own', async () => {
    const canvas = await canvasWith(FONTS);
    for (const name of ['トマト', '番茄', '강아지', '犬 dog', 'כלב', 'كلب'])
      expect(shownText(canvas, name, 3)).toBe(name);
    expect(undrawable(canvas, ['トマト', 'キャベツ'])).toEqual(['キャベツ']);
    // Three letters of a whole em each, and not the boxes of the label font.
    expect(textMeasure(canvas)('トマト', 100)).toBeCloseTo(300, 0);
    expect(familyList(canvas)).toMatch(/^"Lowformer Label", "Lowformer Label 1", "Lowformer Label 2", .*sans-serif$/);
  });

  it('come from a font that is looked for only then', async () => {
    const { createCanvas, fallbacks } = await canvasWith(FONTS);
    const [, ...others] = fallbacks?.families ?? [];
    const families: string[] = [];
    const adopt = (has: (family: string) => boolean) => {
      const found = others.find(has);
      if (found !== undefined) families.push(found);
      return found !== undefined;
    };
    const canvas = { createCanvas, fallbacks: { families, adopt } };
    expect(shownText(canvas, 'cat', 0)).toBe('cat');
    expect(families).toEqual([]);
    expect(['כלב', 'トマト'].map((name) => shownText(canvas, name, 1))).toHaveLength(2);
    expect(families.length).toBeGreaterThan(0);
  });
});

describe('LOWFORMER_FONTS', () => {
  it.each([
    [
      'nowhere.ttf',
      "LOWFORMER_FONTS: expected font files, or folders of them but received 'nowhere.ttf'. There is no such file.",
    ],
    [fileURLToPath(import.meta.url), 'It is none, or damaged.'],
    [
      fileURLToPath(new URL('.', import.meta.url)),
      'There is none in it: the endings are .ttf, .otf, .ttc, .woff, .woff2.',
    ],
  ])('%s is a mistake', async (path, message) => {
    await expect(canvasWith(path)).rejects.toThrow(message);
  });
});

it('loses line breaks and control characters', () => {
  expect(oneLine(' a\r\nb\t\u0000c\u202e ')).toBe('a b c');
});
