/** Which letters can be drawn, and what stands for those that cannot: no Node API. */
import { type CanvasPackage, type Context, familyList } from './canvas.js';

/** A code point that no font has a letter for: what is drawn for it is what is drawn for any missing one. */
const NO_LETTER = '\u{10FFFD}';

const ASCII = /^[ -~]*$/;

/** Pixels of the trial: letters of 16 px, apart enough to tell any of them from the box of a missing one. */
const TRIAL = { side: 24, font: 16, baseline: 18 } as const;

/** Letters of which one missing means that all are: fonts bring scripts whole, and looking through hundreds takes time. */
const SCRIPTS = ['Han', 'Hangul', 'Hiragana', 'Katakana', 'Arabic', 'Hebrew', 'Thai', 'Devanagari'].map((name) => ({
  name,
  pattern: new RegExp(`\\p{Script=${name}}`, 'u'),
}));

interface Known {
  readonly context: Context;
  readonly letters: Map<string, boolean>;
  /** How a missing letter looks, by families. */
  readonly boxes: Map<string, Uint8ClampedArray>;
  readonly scriptsWithoutFont: Set<string>;
}

const knownOf = new WeakMap<CanvasPackage, Known>();

/**
 * A text as it can be drawn, on one line, without control characters: class names come from files that anybody wrote.
 * Letters that no font has become `?`; in the name of a class, the class's index stands for them: `#3`, `dog #3`.
 */
export function shownText(canvas: CanvasPackage, text: string, classIndex?: number): string {
  const line = oneLine(text);
  if (ASCII.test(line)) return line;
  const letters = [...new Intl.Segmenter().segment(line)].map(({ segment }) => segment);
  const shown = letters.map((letter) => (hasLetter(canvas, letter) ? letter : undefined));
  if (!shown.includes(undefined)) return line;
  if (classIndex === undefined) return shown.map((letter) => letter ?? '?').join('');
  const rest = shown.map((letter) => letter ?? ' ').join('');
  const number = `#${classIndex}`;
  return /\p{L}/u.test(rest) ? `${rest.replace(/\s+/g, ' ').trim()} ${number}` : number;
}

/** Those of the texts that have a letter which no font has. */
export function undrawable(canvas: CanvasPackage, texts: readonly string[]): readonly string[] {
  return texts.filter((text) => shownText(canvas, text) !== oneLine(text));
}

/** One line, without control characters. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** Whether a letter, with the marks on it, can be drawn; a font that has it is taken into use. */
function hasLetter(canvas: CanvasPackage, letter: string): boolean {
  return [...letter].every((sign) => /[\p{M}\p{Z}\p{C}]/u.test(sign) || hasSign(canvas, sign));
}

function hasSign(canvas: CanvasPackage, sign: string): boolean {
  if (ASCII.test(sign)) return true;
  let known = knownOf.get(canvas);
  if (known === undefined) {
    const context = canvas.createCanvas(TRIAL.side, TRIAL.side).getContext('2d');
    known = { context, letters: new Map(), boxes: new Map(), scriptsWithoutFont: new Set() };
    knownOf.set(canvas, known);
  }
  const before = known.letters.get(sign);
  if (before !== undefined) return before;
  const has = isDrawn(known, sign, familyList(canvas)) || adopted(canvas, known, sign);
  known.letters.set(sign, has);
  return has;
}

function adopted({ fallbacks }: CanvasPackage, known: Known, sign: string): boolean {
  if (fallbacks === undefined) return false;
  const block = `${(sign.codePointAt(0) ?? 0) >> 8}`;
  const script = SCRIPTS.find(({ pattern }) => pattern.test(sign))?.name ?? block;
  if (known.scriptsWithoutFont.has(script)) return false;
  const found = fallbacks.adopt((family) => isDrawn(known, sign, `"${family}"`));
  if (!found) known.scriptsWithoutFont.add(script);
  return found;
}

function isDrawn(known: Known, sign: string, families: string): boolean {
  const box = known.boxes.get(families) ?? trial(known.context, NO_LETTER, families);
  known.boxes.set(families, box);
  return trial(known.context, sign, families).some((value, i) => value !== box[i]);
}

function trial(context: Context, sign: string, families: string): Uint8ClampedArray {
  context.fillStyle = 'white';
  context.fillRect(0, 0, TRIAL.side, TRIAL.side);
  context.fillStyle = 'black';
  context.font = `${TRIAL.font}px ${families}`;
  context.fillText(sign, 2, TRIAL.baseline);
  return context.getImageData(0, 0, TRIAL.side, TRIAL.side).data;
}
