import { readFile } from 'node:fs/promises';
import { LowformerError } from '../core/errors.js';
import { LABEL_FONT } from './canvas.js';

/** The package as Node has it. */
export type CanvasPackage = typeof import('canvas');

const FONT_FILE = 'fonts/Inter-Medium-subset.ttf';

let loading: Promise<CanvasPackage> | undefined;

/**
 * The `canvas` package with the shipped font registered, loaded once. The font has Latin, Greek and Cyrillic letters;
 * others come from the machine's fonts, and show as empty boxes where it has none.
 * @throws {LowformerError} `missing-package` where it is not installed, `unreadable-file` where the font is gone.
 */
export async function loadCanvas(): Promise<CanvasPackage> {
  loading ??= importCanvas();
  try {
    return await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

async function importCanvas(): Promise<CanvasPackage> {
  const canvas = await import('canvas').catch((cause: unknown) => {
    throw new LowformerError({
      code: 'missing-package',
      where: 'drawing',
      expected: "the package 'canvas' (@napi-rs/canvas) for text in pictures",
      hint: 'Install it: npm install canvas@npm:@napi-rs/canvas',
      cause,
    });
  });
  if (canvas.GlobalFonts.register(await readFont(), LABEL_FONT) === null) throw brokenFont();
  return canvas;
}

/** `assets/` lies beside `drawing/` in the sources, and beside `dist/` in the built package. */
async function readFont(): Promise<Buffer> {
  let failure: unknown;
  for (const assets of ['../assets/', '../../assets/']) {
    try {
      return await readFile(new URL(assets + FONT_FILE, import.meta.url));
    } catch (cause) {
      failure = cause;
    }
  }
  throw brokenFont(failure);
}

function brokenFont(cause?: unknown): LowformerError {
  return new LowformerError({
    code: 'unreadable-file',
    where: `assets/${FONT_FILE}`,
    expected: 'the font that comes with the package',
    hint: 'Install the package again.',
    cause,
  });
}
