import { readFile } from 'node:fs/promises';
import { LowformerError } from '../core/errors.js';
import { installCommand } from '../images/install_command.js';
import { type CanvasPackage, type FallbackFonts, LABEL_FONT } from './canvas.js';
import { fallbackFonts } from './fallback_fonts.js';

/** The package as Node has it, with the shipped font and those of the machine. */
export interface NodeCanvas extends CanvasPackage, Pick<typeof import('canvas'), 'Canvas' | 'GlobalFonts'> {
  readonly fallbacks: FallbackFonts;
}

const FONT_FILE = 'fonts/Inter-Medium-subset.ttf';

let loading: Promise<NodeCanvas> | undefined;

/**
 * The `canvas` package with the shipped font registered, loaded once. The font has Latin, Greek and Cyrillic letters;
 * others come from the fonts that LOWFORMER_FONTS names, then from the machine's.
 * @throws {LowformerError} `missing-package` where it is not installed, `unreadable-file` where the font is gone or
 *   LOWFORMER_FONTS names what is none.
 */
export async function loadCanvas(): Promise<NodeCanvas> {
  loading ??= importCanvas();
  try {
    return await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

async function importCanvas(): Promise<NodeCanvas> {
  const canvas = await import('canvas').catch((cause: unknown) => {
    throw new LowformerError({
      code: 'missing-package',
      where: 'drawing',
      expected: "the package 'canvas' (@napi-rs/canvas) for text in pictures",
      hint: `Install it here, on the machine that runs it: ${installCommand('canvas@npm:@napi-rs/canvas')}`,
      cause,
    });
  });
  if (canvas.GlobalFonts.register(await readFont(), LABEL_FONT) === null) throw brokenFont();
  const { createCanvas, Canvas, GlobalFonts } = canvas;
  return { createCanvas, Canvas, GlobalFonts, fallbacks: await fallbackFonts(GlobalFonts) };
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
