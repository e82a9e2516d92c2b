/** Methods that configs call: of dicts, lists and texts, each as Python has it, ConfigDict's as mmengine has it. */
import { nearestName } from '../../../core/errors.js';
import { hooked, mergeDict, setItem, updateDict } from './dicts.js';
import { badCall, itemsOf, makeDict } from './functions.js';
import type { Arguments, Scope } from './scope.js';
import {
  isEqual,
  PythonDict,
  type PythonKey,
  PythonList,
  PythonTuple,
  type PythonValue,
  PythonView,
  typeName,
} from './values.js';

type Method<Self> = (self: Self, args: Arguments, scope: Scope) => PythonValue;

/** So many arguments and none by name: one that was passed over would change the value without a word. */
function taking<Self>(least: number, most: number, method: Method<Self>): Method<Self> {
  const count = least === most ? String(least) : `${least} to ${most}`;
  return (self, args, scope) => {
    const { length } = args.values;
    if (length >= least && length <= most && args.named.size === 0) return method(self, args, scope);
    throw badCall(args, scope, `${count === '0' ? 'no' : count} argument${count === '1' ? '' : 's'}, none by name,`);
  };
}

const pairOf = (entry: readonly [PythonKey, PythonValue]) => new PythonTuple(entry);

const DICT: ReadonlyMap<string, Method<PythonDict>> = new Map<string, Method<PythonDict>>([
  ['update', update],
  ['merge', merge],
  ['get', get],
  ['pop', popKey],
  ['setdefault', setDefault],
  ['copy', taking(0, 0, copyDict)],
  ['keys', taking(0, 0, (self) => new PythonView([...self.entries.keys()], 'dict_keys'))],
  ['values', taking(0, 0, (self) => new PythonView([...self.entries.values()], 'dict_values'))],
  ['items', taking(0, 0, ({ entries }) => new PythonView(Array.from(entries, pairOf), 'dict_items'))],
]);

const LIST: ReadonlyMap<string, Method<PythonList>> = new Map<string, Method<PythonList>>([
  ['append', (self, args, scope) => insert(self, self.items.length, one(args, scope), scope)],
  ['extend', extend],
  ['insert', taking(2, 2, insertAt)],
  ['pop', taking(0, 1, popItem)],
  ['remove', removeItem],
  ['reverse', taking(0, 0, reverse)],
  ['copy', taking(0, 0, (self) => new PythonList([...self.items]))],
  ['index', (self, args, scope) => indexOf(self.items, args, scope)],
]);

const TUPLE: ReadonlyMap<string, Method<PythonTuple>> = new Map<string, Method<PythonTuple>>([
  ['index', (self, args, scope) => indexOf(self.items, args, scope)],
]);

const TEXT: ReadonlyMap<string, Method<string>> = new Map<string, Method<string>>([
  ['replace', taking(2, 2, replace)],
  ['join', join],
  ['lower', taking(0, 0, (self) => self.toLowerCase())],
  ['upper', taking(0, 0, (self) => self.toUpperCase())],
  ['startswith', taking(1, 1, (self, args, scope) => self.startsWith(text(args, scope, 0)))],
  ['endswith', taking(1, 1, (self, args, scope) => self.endsWith(text(args, scope, 0)))],
  ['split', taking(0, 1, split)],
]);

/** Names that are no keys when they stand behind the dot of a ConfigDict. */
export const DICT_METHODS: ReadonlySet<string> = new Set(DICT.keys());

/** `value.name(...)`. @throws {LowformerError} `invalid-config` for a method that is not read, or that Python refuses. */
export function callMethod(value: PythonValue, name: string, args: Arguments, scope: Scope): PythonValue {
  if (value instanceof PythonDict) return found(DICT, value);
  if (value instanceof PythonList) return found(LIST, value);
  if (value instanceof PythonTuple) return found(TUPLE, value);
  if (typeof value === 'string') return found(TEXT, value);
  throw badCall(args, scope, `no method '${name}' of ${typeName(value)}`);

  function found<Self extends PythonValue>(methods: ReadonlyMap<string, Method<Self>>, self: Self): PythonValue {
    const method = methods.get(name);
    if (method !== undefined) return method(self, args, scope);
    const near = nearestName(name, [...methods.keys()]);
    const known = near === undefined ? [...methods.keys()].join(', ') : `'${near}'`;
    throw badCall(args, scope, `a method that is read of ${typeName(self)} (${known}) instead of '${name}'`);
  }
}

function one(args: Arguments, scope: Scope): PythonValue {
  const [value, ...more] = args.values;
  if (value !== undefined && more.length === 0 && args.named.size === 0) return value;
  throw badCall(args, scope, 'one argument');
}

function text(args: Arguments, scope: Scope, index: number): string {
  const value = args.values[index];
  if (typeof value === 'string') return value;
  throw badCall(args, scope, `a text as argument ${index + 1}`);
}

function keyOf(args: Arguments, scope: Scope): PythonKey {
  const [key] = args.values;
  if (typeof key === 'string' || typeof key === 'number') return key;
  throw badCall(args, scope, 'a key that is a text or an int');
}

function update(self: PythonDict, args: Arguments, scope: Scope): null {
  const other = makeDict(args, scope);
  updateDict(self, other, scope.budget);
  return null;
}

function merge(self: PythonDict, args: Arguments, scope: Scope): null {
  const other = one(args, scope);
  if (!self.isConfig || !(other instanceof PythonDict)) {
    throw badCall(args, scope, "a dict to be merged into a dict of the bases, as mmengine's 'merge' does");
  }
  mergeDict(self, other, scope.budget);
  return null;
}

/** None is a value as well: a default counts where there is no key. */
function get(self: PythonDict, args: Arguments, scope: Scope): PythonValue {
  const value = self.entries.get(keyOf(args, scope));
  return value === undefined ? (args.values[1] ?? args.named.get('default') ?? null) : value;
}

function popKey(self: PythonDict, args: Arguments, scope: Scope): PythonValue {
  const key = keyOf(args, scope);
  const value = self.entries.get(key);
  self.entries.delete(key);
  if (value !== undefined) return value;
  const fallback = args.values[1] ?? args.named.get('default');
  if (fallback !== undefined) return fallback;
  // With a value given for None, `??` above has skipped it: None is what is left then.
  if (self.isConfig || args.values.length > 1) return null;
  throw badCall(args, scope, `a key of the dict (${[...self.entries.keys()].join(', ')}) instead of '${key}'`);
}

function setDefault(self: PythonDict, args: Arguments, scope: Scope): PythonValue {
  const key = keyOf(args, scope);
  if (!self.entries.has(key)) setItem(self, key, args.values[1] ?? null, scope.budget);
  return self.entries.get(key) ?? null;
}

function copyDict(self: PythonDict, _: Arguments, { budget }: Scope): PythonDict {
  budget.make(self.entries.size);
  const entries = [...self.entries].map(
    ([key, value]) => [key, self.isConfig ? hooked(value, budget) : value] as const,
  );
  return new PythonDict(new Map(entries), self.isConfig);
}

function insert(self: PythonList, index: number, value: PythonValue, { budget }: Scope): null {
  budget.make(self.items.length + 1);
  self.items.splice(index, 0, value);
  return null;
}

function extend(self: PythonList, args: Arguments, scope: Scope): null {
  const items = [...itemsOf(one(args, scope), args.node, scope)];
  scope.budget.make(self.items.length + items.length);
  for (const item of items) self.items.push(item);
  return null;
}

function insertAt(self: PythonList, args: Arguments, scope: Scope): null {
  const [index, value] = args.values;
  if (typeof index === 'number' && value !== undefined) {
    return insert(self, index < 0 ? Math.max(0, self.items.length + index) : index, value, scope);
  }
  throw badCall(args, scope, 'an index and a value');
}

function popItem(self: PythonList, args: Arguments, scope: Scope): PythonValue {
  const [index = -1] = args.values;
  const place = typeof index !== 'number' ? -1 : index < 0 ? self.items.length + index : index;
  const [value] = place < 0 ? [] : self.items.splice(place, 1);
  if (value !== undefined) return value;
  throw badCall(args, scope, `an index into a list of ${self.items.length}`);
}

function removeItem(self: PythonList, args: Arguments, scope: Scope): null {
  self.items.splice(indexOf(self.items, args, scope), 1);
  return null;
}

function reverse(self: PythonList): null {
  self.items.reverse();
  return null;
}

function indexOf(items: readonly PythonValue[], args: Arguments, scope: Scope): number {
  const value = one(args, scope);
  const index = items.findIndex((item) => isEqual(item, value));
  if (index < 0) throw badCall(args, scope, 'a value that is in the list');
  return index;
}

function replace(self: string, args: Arguments, scope: Scope): string {
  const [searched, replacement] = [text(args, scope, 0), text(args, scope, 1)];
  if (searched === '') throw badCall(args, scope, 'a text to replace, and not an empty one');
  const parts = self.split(searched);
  scope.budget.make(self.length + parts.length * replacement.length);
  return parts.join(replacement);
}

function join(self: string, args: Arguments, scope: Scope): string {
  const items = itemsOf(one(args, scope), args.node, scope);
  const texts = items.filter((item) => typeof item === 'string');
  if (texts.length < items.length) throw badCall(args, scope, 'texts alone to be joined');
  scope.budget.make(texts.reduce((total, item) => total + item.length + self.length, 0));
  return texts.join(self);
}

function split(self: string, args: Arguments, scope: Scope): PythonList {
  scope.budget.make(self.length);
  if (args.values.length === 0) return new PythonList(self.split(/\s+/).filter((part) => part !== ''));
  const separator = text(args, scope, 0);
  if (separator === '') throw badCall(args, scope, 'one text to split at, and not an empty one');
  return new PythonList(self.split(separator));
}
