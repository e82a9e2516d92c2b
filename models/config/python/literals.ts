/** Numbers and texts as Python writes them. */
import { PythonFloat, type PythonValue } from './values.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const ESCAPE = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g;

export interface TextLiteral {
  /** In lower case: `r`, `f`, `rb`. */
  readonly prefix: string;
  /** Characters of prefix and opening quotes. */
  readonly start: number;
  /** Characters of closing quotes. */
  readonly end: number;
}

/** How a text literal begins and ends. */
export function textLiteral(literal: string): TextLiteral {
  const [opening = '', prefix = '', quote = ''] = /^([a-zA-Z]*)('''|"""|'|")/.exec(literal) ?? [];
  return { prefix: prefix.toLowerCase(), start: opening.length, end: quote.length };
}

/** What a text stands for: escapes resolved, those that Python does not know left as they are; undefined for `\N{}`. */
export function unescaped(raw: string, prefix: string): string | undefined {
  if (prefix.includes('r')) return raw;
  let isKnown = true;
  const text = raw.replace(ESCAPE, (whole, octal, two, four, eight, other) => {
    const code = octal === undefined ? Number.parseInt(two ?? four ?? eight ?? '', 16) : Number.parseInt(octal, 8);
    if (other === undefined) {
      if (code > 0x10ffff) isKnown = false;
      return isKnown ? String.fromCodePoint(code) : '';
    }
    if (other === 'N') isKnown = false;
    return ESCAPES[other] ?? whole;
  });
  return isKnown ? text : undefined;
}

/** An int or a float; undefined for a complex number, and an int beyond those that are exact here. */
export function numberLiteral(literal: string): number | PythonFloat | undefined {
  const text = literal.replaceAll('_', '').toLowerCase();
  if (/^0[xob]|^\d+$/.test(text)) {
    if (/^0+[1-9]/.test(text)) return undefined;
    return Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
  }
  // No complex number, and no name that follows a number.
  return /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(text) ? new PythonFloat(Number(text)) : undefined;
}

/** Python's `repr` of a float: `1.0`, `1e-05`, `1e+16`, `inf`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (value !== 0 && (power < -4 || power >= 16)) {
    return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const plain = power < 0 ? value.toFixed(Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - power)) : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

/** Python's `str` of a scalar; undefined for what is none. */
export function scalarText(value: PythonValue): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return 'None';
  return value instanceof PythonFloat ? floatText(value.value) : undefined;
}
