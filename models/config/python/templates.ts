/** mmengine's `{{ }}`: values of the bases, and what it fills in as text before Python is read. */
import { basename, dirname, extname } from 'node:path';
import { numberLiteral } from './literals.js';
import type { Scope } from './scope.js';
import { childrenOf, invalid, notRead, type SyntaxNode, textOf } from './syntax.js';
import { PythonFloat, PythonTemplate, type PythonValue } from './values.js';

const BASE_KEY = /^\{\{\s*_base_\.([\w.]+)\s*\}\}$/;
const ENVIRONMENT = /\{\{['"]?\s*\$(\w+)\s*:\s*(\S*?)\s*['"]?\}\}/g;
const ENVIRONMENT_ALONE = new RegExp(`^${ENVIRONMENT.source}$`);

/** `{{_base_.model}}` and `{{'$NAME:80'}}` outside of texts: sets of sets, to Python. */
export function templateIn(node: SyntaxNode, scope: Scope): PythonValue {
  const written = textOf(scope.source, node);
  const keys = BASE_KEY.exec(written)?.[1];
  if (keys !== undefined) return new PythonTemplate(keys.split('.'));
  const isTemplate = childrenOf(node)[1]?.name === 'SetExpression';
  if (!isTemplate || !ENVIRONMENT_ALONE.test(written)) throw notRead(scope.source, node);
  const filled = scope.filled(written);
  if (filled === 'True' || filled === 'False') return filled === 'True';
  if (filled === 'None') return null;
  const [, sign, digits = ''] = /^([+-]?)([\d.][\w.+-]*)$/.exec(filled) ?? [];
  const number = numberLiteral(digits);
  const [, text] = /^['"]([^'"\\]*)['"]$/.exec(filled) ?? [];
  if (text !== undefined) return text;
  if (typeof number === 'number') return sign === '-' ? -number : number;
  if (number !== undefined && Number.isFinite(number.value)) {
    return new PythonFloat(sign === '-' ? -number.value : number.value);
  }
  throw invalid(scope.source, node, 'a number, a text in quotes, True, False or None in its place', {
    received: filled,
  });
}

/**
 * Fills `{{ fileDirname }}`, `{{ fileBasename }}`, `{{ fileBasenameNoExtension }}`, `{{ fileExtname }}` and
 * `{{ $NAME:default }}` in, as mmengine does.
 * @param path of the config, absolute.
 * @param environment the variables of the process.
 */
export function fillsIn(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): (text: string) => string {
  const extension = extname(path);
  const variables = new Map([
    ['fileDirname', dirname(path)],
    ['fileBasename', basename(path)],
    ['fileBasenameNoExtension', basename(path, extension)],
    ['fileExtname', extension],
  ]);
  return (text) => {
    if (!text.includes('{{')) return text;
    const named = text.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name) => {
      return variables.get(name)?.replaceAll('\\', '/') ?? whole;
    });
    return named.replace(ENVIRONMENT, (whole, name, fallback) => environment[name] ?? (fallback || whole));
  };
}
