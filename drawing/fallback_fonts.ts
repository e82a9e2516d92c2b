/** Fonts of the machine, for letters that the shipped one lacks. */
import { readdir, stat } from 'node:fs/promises';
import { delimiter, extname, join } from 'node:path';
import type { GlobalFonts } from 'canvas';
import { LowformerError } from '../core/errors.js';
import { type FallbackFonts, LABEL_FONT } from './canvas.js';

/** Names the fonts of whoever runs it: files, or folders of them, as PATH names folders. */
export const FONTS_VARIABLE = 'LOWFORMER_FONTS';

const ENDINGS: readonly string[] = ['.ttf', '.otf', '.ttc', '.woff', '.woff2'];

/** Sans-serif families that come with systems and distributions; the others are looked through where none of these helps. */
const PREFERRED: readonly string[] = [
  'Noto Sans',
  'Noto Sans CJK SC',
  'Noto Sans SC',
  'Source Han Sans SC',
  'PingFang SC',
  'Microsoft YaHei',
  'WenQuanYi Micro Hei',
  'WenQuanYi Zen Hei',
  'Droid Sans Fallback',
  'Noto Sans CJK JP',
  'Hiragino Sans',
  'Yu Gothic',
  'Noto Sans CJK KR',
  'Apple SD Gothic Neo',
  'Malgun Gothic',
  'Noto Sans Arabic',
  'Noto Sans Hebrew',
  'Segoe UI',
  'Arial',
  'DejaVu Sans',
];

/** They have a sign for every letter, which says that it is missing. */
const PLACEHOLDERS = /last ?resort|adobe (?:not)?(?:def|blank)|unicode bmp fallback/i;

type Fonts = typeof GlobalFonts;

/** @throws {LowformerError} `unreadable-file` for what `LOWFORMER_FONTS` names and is no font. */
export async function fallbackFonts(fonts: Fonts): Promise<FallbackFonts> {
  const own = await ownFamilies(fonts, process.env[FONTS_VARIABLE] ?? '');
  const installed = new Set(fonts.families.map(({ family }) => family));
  const families = [...own, ...PREFERRED.filter((family) => installed.has(family))];
  const others = [...installed]
    .filter((family) => family !== LABEL_FONT && !families.includes(family) && !/^\.|["\\]/.test(family))
    .filter((family) => !PLACEHOLDERS.test(family))
    .sort();
  return {
    families,
    adopt(has) {
      const found = others.findIndex(has);
      if (found < 0) return false;
      families.push(...others.splice(found, 1));
      return true;
    },
  };
}

/** Registers each file under a name of ours. */
async function ownFamilies(fonts: Fonts, variable: string): Promise<readonly string[]> {
  const families: string[] = [];
  for (const path of variable.split(delimiter).filter((part) => part !== '')) {
    for (const file of await fontFiles(path)) {
      const family = `${LABEL_FONT} ${families.length + 1}`;
      if (fonts.registerFromPath(file, family) === null) throw noFont(file, 'It is none, or damaged.');
      families.push(family);
    }
  }
  return families;
}

async function fontFiles(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return [path];
  if (found?.isDirectory() !== true) throw noFont(path, 'There is no such file.');
  const names = (await readdir(path)).filter((name) => ENDINGS.includes(extname(name).toLowerCase())).sort();
  if (names.length === 0) throw noFont(path, `There is none in it: the endings are ${ENDINGS.join(', ')}.`);
  return names.map((name) => join(path, name));
}

function noFont(received: string, hint: string): LowformerError {
  const expected = 'font files, or folders of them';
  return new LowformerError({ code: 'unreadable-file', where: FONTS_VARIABLE, expected, received, hint });
}
