/** Texts and f-strings. */
import { scalarText, textLiteral, unescaped } from './literals.js';
import type { Scope } from './scope.js';
import { childrenOf, invalid, notRead, type SyntaxNode, textOf } from './syntax.js';
import { type PythonValue, typeName } from './values.js';

/** A text in quotes. */
export function textValue(node: SyntaxNode, scope: Scope): string {
  const literal = textOf(scope.source, node);
  const { prefix, start, end } = textLiteral(literal);
  if (prefix.includes('b')) throw notRead(scope.source, node);
  return decoded(literal.slice(start, literal.length - end), prefix, node, scope);
}

/** An f-string: of the values in it numbers, texts, bools and None, as `str` writes them. */
export function formatted(
  node: SyntaxNode,
  scope: Scope,
  evaluate: (node: SyntaxNode, scope: Scope) => PythonValue,
): string {
  const { prefix, start, end } = textLiteral(textOf(scope.source, node));
  const parts: string[] = [];
  let position = node.from + start;
  for (const child of childrenOf(node)) {
    if (child.name !== 'FormatReplacement') continue;
    parts.push(literalPart(position, child.from));
    position = child.to;
    const [, expression, closing] = childrenOf(child);
    // `{x:.2f}`, `{x!r}` and `{x=}` are not read.
    if (expression === undefined || closing?.name !== '}') throw notRead(scope.source, child);
    const value = evaluate(expression, scope);
    const text = scalarText(value);
    if (text === undefined) {
      const expected = 'a number, a text, a bool or None in an f-string';
      throw invalid(scope.source, child, expected, { received: typeName(value) });
    }
    parts.push(text);
  }
  parts.push(literalPart(position, node.to - end));
  const text = parts.join('');
  scope.budget.make(text.length);
  return text;

  function literalPart(from: number, to: number): string {
    const raw = decoded(scope.source.text.slice(from, to), prefix, node, scope);
    return raw.replaceAll('{{', '{').replaceAll('}}', '}');
  }
}

function decoded(raw: string, prefix: string, node: SyntaxNode, scope: Scope): string {
  const filled = scope.filled(raw);
  const text = unescaped(filled, prefix);
  if (text === undefined) throw invalid(scope.source, node, 'a text without \\N{} and with escapes that exist');
  if (!/\{\{\s*(?:_base_\.[\w.]+|\$\w+:[^}]*)\s*\}\}/.test(text)) return text;
  throw invalid(scope.source, node, 'a template that can be filled in', {
    received: text,
    hint: '{{_base_.x}} stands alone, outside of quotes; {{$NAME:default}} needs the variable or a default.',
  });
}
