/** Python's expressions, evaluated over the syntax tree: nothing but values comes of them. */
import { nearestName } from '../../../core/errors.js';
import { comprehension } from './comprehensions.js';
import { setItem, updateDict } from './dicts.js';
import { FUNCTIONS, itemsOf } from './functions.js';
import { numberLiteral } from './literals.js';
import { accessed, calledMethod } from './members.js';
import { binary, compared } from './operators.js';
import type { Arguments, Scope } from './scope.js';
import { childrenOf, invalid, notRead, type SyntaxNode, splitAt, textOf } from './syntax.js';
import { templateIn } from './templates.js';
import { formatted, textValue } from './texts.js';
import {
  isTrue,
  numberOf,
  PythonDict,
  PythonFloat,
  type PythonKey,
  PythonList,
  PythonTuple,
  type PythonValue,
  typeName,
} from './values.js';

type Evaluate = (node: SyntaxNode, scope: Scope) => PythonValue;

/** By the name of the node in Lezer's grammar. */
const EXPRESSIONS: ReadonlyMap<string, Evaluate> = new Map<string, Evaluate>([
  ['None', () => null],
  ['Boolean', (node, scope) => textOf(scope.source, node) === 'True'],
  ['Number', numberValue],
  ['String', textValue],
  ['ContinuedString', (node, scope) => joinedTexts(node, scope)],
  ['FormatString', (node, scope) => formatted(node, scope, evaluate)],
  ['VariableName', variable],
  ['ParenthesizedExpression', (node, scope) => evaluateOnly(childrenOf(node).slice(1, -1), node, scope)],
  ['ArrayExpression', (node, scope) => new PythonList(listed(childrenOf(node).slice(1, -1), scope))],
  ['TupleExpression', (node, scope) => new PythonTuple(listed(childrenOf(node).slice(1, -1), scope))],
  ['DictionaryExpression', dictionary],
  ['SetExpression', (node, scope) => templateIn(node, scope)],
  ['ArrayComprehensionExpression', comprehended],
  ['DictionaryComprehensionExpression', comprehended],
  ['MemberExpression', (node, scope) => accessed(node, scope, evaluate)],
  ['CallExpression', call],
  ['BinaryExpression', operation],
  ['UnaryExpression', unary],
  ['ConditionalExpression', conditional],
]);

/**
 * The value of an expression.
 * @throws {LowformerError} `invalid-config` with line and column for what Python refuses, and for what is not read.
 * @throws {BudgetError} for more than any config takes.
 */
export function evaluate(node: SyntaxNode, above: Scope): PythonValue {
  const scope = { ...above, level: above.level + 1 };
  scope.budget.enter(scope.level);
  const expression = EXPRESSIONS.get(node.name);
  if (expression === undefined) throw notRead(scope.source, node);
  return expression(node, scope);
}

/** What stands on one side of an assignment: `a`, or the tuple `a, b`. */
export function evaluateListed(nodes: readonly SyntaxNode[], place: SyntaxNode, scope: Scope): PythonValue {
  return nodes.some(({ name }) => name === ',')
    ? new PythonTuple(listed(nodes, scope))
    : evaluateOnly(nodes, place, scope);
}

function evaluateOnly(nodes: readonly SyntaxNode[], place: SyntaxNode, scope: Scope): PythonValue {
  const [node, ...more] = nodes;
  if (node === undefined || more.length > 0) throw notRead(scope.source, place);
  return evaluate(node, scope);
}

function listed(nodes: readonly SyntaxNode[], scope: Scope): PythonValue[] {
  const values: PythonValue[] = [];
  for (const [first, second, ...more] of splitAt(nodes, ',')) {
    if (first === undefined || more.length > 0) throw notRead(scope.source, first ?? scope.source.tree);
    if (first.name === '*' && second !== undefined) {
      const items = itemsOf(evaluate(second, scope), second, scope);
      scope.budget.make(values.length + items.length);
      for (const item of items) values.push(item);
    } else if (second === undefined) values.push(evaluate(first, scope));
    else throw notRead(scope.source, second);
  }
  return values;
}

function numberValue(node: SyntaxNode, { source }: Scope): PythonValue {
  const value = numberLiteral(textOf(source, node));
  if (value === undefined) throw invalid(source, node, 'a float, or an int that is exact in 53 bits');
  return value;
}

function joinedTexts(node: SyntaxNode, scope: Scope): PythonValue {
  const texts = childrenOf(node).map((child) => evaluate(child, scope));
  return texts.filter((text) => typeof text === 'string').join('');
}

function variable(node: SyntaxNode, { source, names, local }: Scope): PythonValue {
  const name = textOf(source, node);
  const value = local.get(name) ?? names.get(name);
  if (value !== undefined) return value;
  // None is a value: `??` goes past it.
  if (local.has(name) || names.has(name)) return null;
  if (FUNCTIONS.has(name)) throw invalid(source, node, `a call of ${name}(), not the function itself`);
  const near = nearestName(name, [...local.keys(), ...names.keys()]);
  const hint = near === undefined ? 'It stands nowhere above.' : `Did you mean '${near}'?`;
  throw invalid(source, node, 'a variable that has a value', { received: name, hint });
}

function dictionary(node: SyntaxNode, scope: Scope): PythonDict {
  const dict = new PythonDict(new Map());
  for (const [first, ...rest] of splitAt(childrenOf(node).slice(1, -1), ',')) {
    const [second, third, ...more] = rest;
    if (first === undefined || more.length > 0) throw notRead(scope.source, node);
    if (first.name === '**' && second !== undefined) {
      updateDict(dict, mapping(second, scope), scope.budget);
      continue;
    }
    if (second?.name !== ':' || third === undefined) throw notRead(scope.source, first);
    setItem(dict, keyValue(first, scope), evaluate(third, scope), scope.budget);
  }
  return dict;
}

/** A key of a dict; Python has others, JSON has none of them. */
function keyValue(node: SyntaxNode, scope: Scope): PythonKey {
  const key = evaluate(node, scope);
  if (typeof key === 'string' || typeof key === 'number') return key;
  throw invalid(scope.source, node, 'a key that is a text or an int', { received: typeName(key) });
}

function mapping(node: SyntaxNode, scope: Scope): PythonDict {
  const value = evaluate(node, scope);
  if (value instanceof PythonDict) return value;
  throw invalid(scope.source, node, "a dict behind '**'", { received: typeName(value) });
}

function comprehended(node: SyntaxNode, scope: Scope): PythonValue {
  const children = childrenOf(node).slice(1, -1);
  const start = children.findIndex(({ name }) => name === 'for');
  const [head, colon, value] = children.slice(0, start);
  if (head === undefined) throw notRead(scope.source, node);
  const clauses = children.slice(start);
  if (colon === undefined) {
    return new PythonList(comprehension(clauses, node, scope, evaluate, (inner) => evaluate(head, inner)));
  }
  if (colon.name !== ':' || value === undefined) throw notRead(scope.source, node);
  const pairs = comprehension(clauses, node, scope, evaluate, (inner) => {
    return [keyValue(head, inner), evaluate(value, inner)] as const;
  });
  return new PythonDict(new Map(pairs));
}

function call(node: SyntaxNode, scope: Scope): PythonValue {
  const [callee, list] = childrenOf(node);
  if (callee === undefined || list === undefined) throw notRead(scope.source, node);
  if (callee.name === 'MemberExpression') {
    return calledMethod(callee, scope, evaluate, () => argumentsOf(list, node, scope));
  }
  const name = textOf(scope.source, callee);
  const call = scope.names.has(name) || scope.local.has(name) ? undefined : FUNCTIONS.get(name);
  if (callee.name === 'VariableName' && call !== undefined) return call(argumentsOf(list, node, scope), scope);
  const near = nearestName(name, [...FUNCTIONS.keys()]);
  const hint = near === undefined ? {} : { hint: `Did you mean '${near}()'?` };
  throw invalid(scope.source, node, `a function that is read: ${[...FUNCTIONS.keys()].join(', ')},`, {
    received: name,
    ...hint,
  });
}

function argumentsOf(list: SyntaxNode, node: SyntaxNode, scope: Scope): Arguments {
  const children = childrenOf(list).slice(1, -1);
  const start = children.findIndex(({ name }) => name === 'for');
  const [head] = children;
  if (head !== undefined && start === 1) {
    const items = comprehension(children.slice(1), node, scope, evaluate, (inner) => evaluate(head, inner));
    return { node, values: [new PythonList(items)], named: new Map() };
  }
  const values: PythonValue[] = [];
  const named = new Map<string, PythonValue>();
  for (const [first, second, third, ...more] of splitAt(children, ',')) {
    if (first === undefined || more.length > 0) throw notRead(scope.source, list);
    if (second === undefined) values.push(evaluate(first, scope));
    else if (first.name === '**') for (const [key, value] of mapping(second, scope).entries) name(key, value, second);
    else if (first.name === '*') values.push(...itemsOf(evaluate(second, scope), second, scope));
    else if (second.name === 'AssignOp' && third !== undefined) {
      name(textOf(scope.source, first), evaluate(third, scope), first);
    } else throw notRead(scope.source, second);
  }
  return { node, values, named };

  function name(key: PythonKey, value: PythonValue, place: SyntaxNode): void {
    if (typeof key !== 'string') throw invalid(scope.source, place, "keys that are texts behind '**'");
    if (named.has(key)) throw invalid(scope.source, place, 'each keyword once', { received: key });
    scope.budget.spend();
    named.set(key, value);
  }
}

function operation(node: SyntaxNode, scope: Scope): PythonValue {
  const [left, ...rest] = childrenOf(node);
  const right = rest.at(-1);
  if (left === undefined || right === undefined) throw notRead(scope.source, node);
  const operator = rest
    .slice(0, -1)
    .map((child) => textOf(scope.source, child))
    .join(' ');
  if (operator === 'and' || operator === 'or') {
    const value = evaluate(left, scope);
    return isTrue(value) === (operator === 'and') ? evaluate(right, scope) : value;
  }
  const isArithmetic = rest[0]?.name === 'ArithOp';
  // `a < b < c` compares b twice in Python.
  if (!isArithmetic && isComparison(left, scope)) throw notRead(scope.source, node);
  const [a, b] = [evaluate(left, scope), evaluate(right, scope)];
  const value = isArithmetic ? binary(operator, a, b, scope.budget) : compared(operator, a, b);
  if (value !== undefined) return value;
  const expected = `values that '${operator}' works on, with a result that is exact,`;
  throw invalid(scope.source, node, expected, { received: `${typeName(a)} ${operator} ${typeName(b)}` });
}

function isComparison(node: SyntaxNode, scope: Scope): boolean {
  const [, operator] = node.name === 'BinaryExpression' ? childrenOf(node) : [];
  return operator !== undefined && operator.name !== 'ArithOp' && !isJunction(node, scope);
}

/** `a and b`, `a or b`. */
function isJunction(node: SyntaxNode, { source }: Scope): boolean {
  const [, operator] = node.name === 'BinaryExpression' ? childrenOf(node) : [];
  return operator !== undefined && ['and', 'or'].includes(textOf(source, operator));
}

function unary(node: SyntaxNode, scope: Scope): PythonValue {
  const [sign, operand] = childrenOf(node);
  if (sign === undefined || operand === undefined) throw notRead(scope.source, node);
  const operator = textOf(scope.source, sign);
  // Lezer's grammar has 'not' negate all of `a and b`, where Python has it negate `a`.
  if (operator === 'not' && isJunction(operand, scope)) {
    throw invalid(scope.source, node, "'not' in parentheses with what it negates, as in (not a) and b");
  }
  const value = evaluate(operand, scope);
  if (operator === 'not') return !isTrue(value);
  const number = numberOf(value);
  if (number === undefined || !['-', '+'].includes(operator)) {
    throw invalid(scope.source, node, `a number behind '${operator}'`, { received: typeName(value) });
  }
  const signed = operator === '-' ? -number : number;
  return value instanceof PythonFloat ? new PythonFloat(signed) : signed + 0;
}

function conditional(node: SyntaxNode, scope: Scope): PythonValue {
  const [yes, , condition, , no] = childrenOf(node);
  if (yes === undefined || condition === undefined || no === undefined) throw notRead(scope.source, node);
  return evaluate(isTrue(evaluate(condition, scope)) ? yes : no, scope);
}
