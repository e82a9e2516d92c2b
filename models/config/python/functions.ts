/** Python's own functions that configs call: those that only make values out of values. */
import { floatText, scalarText } from './literals.js';
import { binary, orderOf } from './operators.js';
import type { Arguments, Scope } from './scope.js';
import { invalid } from './syntax.js';
import {
  isItems,
  isTrue,
  numberOf,
  PythonDict,
  PythonFloat,
  PythonList,
  PythonTuple,
  type PythonValue,
  PythonView,
  typeName,
} from './values.js';

type Call = (args: Arguments, scope: Scope) => PythonValue;

/** By name. A config that has a variable of that name means its variable. */
export const FUNCTIONS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['dict', makeDict],
  ['list', (args, scope) => new PythonList([...optionalItems(args, scope)])],
  ['tuple', (args, scope) => new PythonTuple([...optionalItems(args, scope)])],
  ['len', length],
  ['range', range],
  ['enumerate', enumerate],
  ['zip', zip],
  ['reversed', (args, scope) => new PythonView([...onlyItems(args, scope)].reverse(), 'reversed')],
  ['sorted', (args, scope) => new PythonList([...onlyItems(args, scope)].sort(ordering(args, scope)))],
  ['sum', sum],
  ['min', (args, scope) => extreme(args, scope, -1)],
  ['max', (args, scope) => extreme(args, scope, 1)],
  ['any', (args, scope) => onlyItems(args, scope).some(isTrue)],
  ['all', (args, scope) => onlyItems(args, scope).every(isTrue)],
  ['abs', absolute],
  ['int', toInt],
  ['float', toFloat],
  ['bool', (args, scope) => isTrue(only(args, scope))],
  ['str', toText],
]);

/** The items of what can be gone through: of a dict its keys, of a text its characters. */
export function itemsOf(value: PythonValue, node: Arguments['node'], scope: Scope): readonly PythonValue[] {
  if (typeof value === 'string') scope.budget.make(value.length);
  if (typeof value === 'string') return [...value];
  if (value instanceof PythonDict) return [...value.entries.keys()];
  if (typeof value === 'object' && value !== null && isItems(value)) return value.items;
  throw invalid(scope.source, node, 'something with items', { received: typeName(value) });
}

/** An error at a call. */
export function badCall({ node }: Arguments, { source }: Scope, expected: string): Error {
  return invalid(source, node, expected);
}

/** `dict()`, `dict(other)`, `dict(pairs)`, each with keywords. */
export function makeDict(args: Arguments, scope: Scope): PythonDict {
  const { values, named, node } = args;
  const [first] = values;
  if (values.length > 1) throw badCall(args, scope, 'one argument without a name at most in dict()');
  const entries = first instanceof PythonDict ? [...first.entries] : first === undefined ? [] : pairsOf(first);
  scope.budget.make(entries.length + named.size);
  return new PythonDict(new Map([...entries, ...named]));

  function pairsOf(pairs: PythonValue) {
    return itemsOf(pairs, node, scope).map((pair) => {
      const [key = null, value, ...more] = itemsOf(pair, node, scope);
      const isKey = typeof key === 'string' || typeof key === 'number';
      if (isKey && value !== undefined && more.length === 0) return [key, value] as const;
      throw badCall(args, scope, 'pairs of a key (a text or an int) and a value in dict()');
    });
  }
}

function only(args: Arguments, scope: Scope): PythonValue {
  const [value, ...more] = args.values;
  if (value !== undefined && more.length === 0 && args.named.size === 0) return value;
  throw badCall(args, scope, 'one argument');
}

/** @param more of the arguments without a name. @param name the one that may be named. */
function refuseOthers(args: Arguments, scope: Scope, more: readonly PythonValue[], name: string): void {
  if (more.length === 0 && [...args.named.keys()].every((given) => given === name)) return;
  throw badCall(args, scope, `no argument beyond the items and '${name}'`);
}

function onlyItems(args: Arguments, scope: Scope): readonly PythonValue[] {
  return itemsOf(only(args, scope), args.node, scope);
}

function optionalItems(args: Arguments, scope: Scope): readonly PythonValue[] {
  const items = args.values.length === 0 && args.named.size === 0 ? [] : onlyItems(args, scope);
  scope.budget.make(items.length);
  return items;
}

function length(args: Arguments, scope: Scope): number {
  const value = only(args, scope);
  return typeof value === 'string' ? [...value].length : itemsOf(value, args.node, scope).length;
}

function range(args: Arguments, scope: Scope): PythonView {
  const numbers = args.values.map((value) => (typeof value === 'number' ? value : Number.NaN));
  const [start = 0, stop = 0, step = 1] = numbers.length === 1 ? [0, ...numbers] : numbers;
  if (numbers.length < 1 || numbers.length > 3 || numbers.some(Number.isNaN) || step === 0 || args.named.size > 0) {
    throw badCall(args, scope, 'one to three ints in range(), the third not 0,');
  }
  const count = Math.max(0, Math.ceil((stop - start) / step));
  scope.budget.make(count);
  return new PythonView(
    Array.from({ length: count }, (_, i) => start + i * step),
    'range',
  );
}

function enumerate(args: Arguments, scope: Scope): PythonView {
  const [items = null, start = args.named.get('start') ?? 0, ...more] = args.values;
  refuseOthers(args, scope, more, 'start');
  if (typeof start !== 'number') throw badCall(args, scope, 'an int to start from in enumerate()');
  const pairs = itemsOf(items, args.node, scope).map((item, i) => new PythonTuple([start + i, item]));
  scope.budget.make(pairs.length);
  return new PythonView(pairs, 'enumerate');
}

function zip(args: Arguments, scope: Scope): PythonView {
  if (args.named.size > 0) throw badCall(args, scope, 'no named argument in zip()');
  const lists = args.values.map((value) => itemsOf(value, args.node, scope));
  const shortest = lists.length === 0 ? 0 : Math.min(...lists.map((list) => list.length));
  scope.budget.make(shortest * lists.length);
  const tuples = Array.from({ length: shortest }, (_, i) => new PythonTuple(lists.map((list) => list[i] ?? null)));
  return new PythonView(tuples, 'zip');
}

function sum(args: Arguments, scope: Scope): PythonValue {
  const [items = null, start = args.named.get('start') ?? 0, ...more] = args.values;
  refuseOthers(args, scope, more, 'start');
  if (typeof start === 'string') throw badCall(args, scope, 'numbers or lists in sum()');
  return itemsOf(items, args.node, scope).reduce<PythonValue>((total, item) => {
    const next = binary('+', total, item, scope.budget);
    if (next === undefined) throw badCall(args, scope, `what can be added to ${typeName(total)} in sum()`);
    return next;
  }, start);
}

function ordering(args: Arguments, scope: Scope): (a: PythonValue, b: PythonValue) => number {
  return (a, b) => {
    const order = orderOf(a, b);
    if (order === undefined) throw badCall(args, scope, `values with an order, but ${typeName(a)} and ${typeName(b)}`);
    return order;
  };
}

function extreme(args: Arguments, scope: Scope, sign: 1 | -1): PythonValue {
  if (args.named.size > 0) throw badCall(args, scope, 'no named argument in min() and max()');
  const items = args.values.length === 1 ? onlyItems(args, scope) : args.values;
  const compare = ordering(args, scope);
  const [first, ...rest] = items;
  if (first === undefined) throw badCall(args, scope, 'at least one value in min() and max()');
  return rest.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best), first);
}

function absolute(args: Arguments, scope: Scope): PythonValue {
  const value = only(args, scope);
  const number = numberOf(value);
  if (number === undefined) throw badCall(args, scope, `a number in abs(), not ${typeName(value)}`);
  return value instanceof PythonFloat ? new PythonFloat(Math.abs(number)) : Math.abs(number);
}

function toInt(args: Arguments, scope: Scope): number {
  const value = only(args, scope);
  const text = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : undefined;
  const number = Math.trunc(text ?? numberOf(value) ?? Number.NaN) + 0;
  if (Number.isSafeInteger(number)) return number;
  throw badCall(args, scope, `a number, or the text of a whole one, in int(), not ${typeName(value)}`);
}

function toFloat(args: Arguments, scope: Scope): PythonFloat {
  const value = only(args, scope);
  const number = typeof value === 'string' ? floatOf(value.trim().toLowerCase()) : numberOf(value);
  if (number !== undefined) return new PythonFloat(number);
  throw badCall(args, scope, `a number, or the text of one, in float(), not ${typeName(value)}`);
}

function floatOf(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(text)) return Number(text);
  const [, sign, word] = /^([+-]?)(inf|infinity|nan)$/.exec(text) ?? [];
  if (word === undefined) return undefined;
  if (word === 'nan') return Number.NaN;
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function toText(args: Arguments, scope: Scope): string {
  const value = only(args, scope);
  const text = value instanceof PythonFloat ? floatText(value.value) : scalarText(value);
  if (text === undefined)
    throw badCall(args, scope, `a number, a text, a bool or None in str(), not ${typeName(value)}`);
  return text;
}
