/** `value.name`, `value[key]`, `value[start:stop]`: read, set, deleted, called. */
import { nearestName } from '../../../core/errors.js';
import { setItem } from './dicts.js';
import { callMethod, DICT_METHODS } from './methods.js';
import type { Arguments, Scope } from './scope.js';
import { childrenOf, invalid, notRead, type SyntaxNode, textOf } from './syntax.js';
import {
  PythonDict,
  PythonImported,
  type PythonKey,
  PythonList,
  PythonTuple,
  type PythonValue,
  PythonView,
  typeName,
} from './values.js';

type Evaluate = (node: SyntaxNode, scope: Scope) => PythonValue;

interface Member {
  readonly object: SyntaxNode;
  /** The name behind a dot; undefined for what stands in brackets. */
  readonly name: SyntaxNode | undefined;
  /** What stands in the brackets. */
  readonly index: readonly SyntaxNode[];
}

function memberOf(node: SyntaxNode, { source }: Scope): Member {
  const [object, opening, ...rest] = childrenOf(node);
  if (object === undefined || opening === undefined) throw notRead(source, node);
  if (opening.name === '.') return { object, name: rest[0], index: [] };
  return { object, name: undefined, index: rest.slice(0, -1) };
}

/** The value of `a.b`, `a['b']`, `a[0]`, `a[1:]`. */
export function accessed(node: SyntaxNode, scope: Scope, evaluate: Evaluate): PythonValue {
  const { object, name, index } = memberOf(node, scope);
  const value = evaluate(object, scope);
  if (name !== undefined) return attribute(value, name, scope);
  if (index.some((child) => child.name === ':')) return sliced(value, index, node, scope, evaluate);
  const key = keyIn(index, node, scope, evaluate);
  if (value instanceof PythonDict) return itemOf(value, key, node, scope);
  const items = value instanceof PythonList || value instanceof PythonTuple ? value.items : undefined;
  const list = typeof value === 'string' ? [...value] : value instanceof PythonView ? viewed(value) : items;
  if (list === undefined || typeof key !== 'number') {
    throw invalid(scope.source, node, 'a dict and its key, or a list and an index', { received: typeName(value) });
  }
  const item = list[key < 0 ? list.length + key : key];
  if (item !== undefined) return item;
  throw invalid(scope.source, node, `an index into ${list.length} items`, { received: key });
}

/** Of the views only a range has indices. */
function viewed({ kind, items }: PythonView): readonly PythonValue[] | undefined {
  return kind === 'range' ? items : undefined;
}

function attribute(value: PythonValue, node: SyntaxNode, scope: Scope): PythonValue {
  const name = textOf(scope.source, node);
  if (value instanceof PythonImported) return new PythonImported(`${value.path}.${name}`, false);
  if (!(value instanceof PythonDict) || !value.isConfig) {
    const hint = value instanceof PythonDict ? { hint: `Python's own dicts are asked as ['${name}'].` } : {};
    throw invalid(scope.source, node, `an attribute of ${typeName(value)}`, { received: name, ...hint });
  }
  if (DICT_METHODS.has(name)) throw invalid(scope.source, node, `a call of ${name}(), not the method itself`);
  return itemOf(value, name, node, scope);
}

function itemOf({ entries }: PythonDict, key: PythonKey, node: SyntaxNode, scope: Scope): PythonValue {
  const value = entries.get(key);
  if (value !== undefined) return value;
  const near = nearestName(String(key), [...entries.keys()].map(String));
  const hint = near === undefined ? {} : { hint: `Did you mean '${near}'?` };
  throw invalid(scope.source, node, 'a key that is there', { received: key, ...hint });
}

function keyIn(nodes: readonly SyntaxNode[], place: SyntaxNode, scope: Scope, evaluate: Evaluate): PythonKey {
  const [node, ...more] = nodes;
  if (node === undefined || more.length > 0) throw notRead(scope.source, place);
  const key = evaluate(node, scope);
  if (typeof key === 'string' || typeof key === 'number') return key;
  throw invalid(scope.source, node, 'a key that is a text or an int', { received: typeName(key) });
}

function sliced(
  value: PythonValue,
  nodes: readonly SyntaxNode[],
  node: SyntaxNode,
  scope: Scope,
  evaluate: Evaluate,
): PythonValue {
  const bounds: (number | undefined)[] = [undefined];
  for (const child of nodes) {
    if (child.name === ':') bounds.push(undefined);
    else bounds[bounds.length - 1] = whole(evaluate(child, scope), child, scope);
  }
  const [start, stop, step = 1] = bounds;
  if (step === 0 || bounds.length > 3) throw invalid(scope.source, node, 'a step other than 0');
  if (typeof value === 'string') return part([...value], start, stop, step).join('');
  if (value instanceof PythonList) return new PythonList(part(value.items, start, stop, step));
  if (value instanceof PythonTuple) return new PythonTuple(part(value.items, start, stop, step));
  throw invalid(scope.source, node, 'a list, a tuple or a text to take a part of', { received: typeName(value) });

  function part<Item>(items: readonly Item[], first: number | undefined, end: number | undefined, by: number): Item[] {
    scope.budget.make(items.length);
    const at = (index: number) => (index < 0 ? Math.max(items.length + index, by < 0 ? -1 : 0) : index);
    const last = items.length - 1;
    const from = Math.min(first === undefined ? (by > 0 ? 0 : last) : at(first), by > 0 ? items.length : last);
    const to = end === undefined ? (by > 0 ? items.length : -1) : Math.min(at(end), items.length);
    const taken: Item[] = [];
    for (let i = from; by > 0 ? i < to : i > to; i += by) taken.push(...items.slice(i, i + 1));
    return taken;
  }
}

function whole(value: PythonValue, node: SyntaxNode, { source }: Scope): number | undefined {
  if (value === null) return undefined;
  if (typeof value === 'number') return value;
  throw invalid(source, node, 'an int', { received: typeName(value) });
}

/** `a.b(...)`: a method of a value. */
export function calledMethod(
  node: SyntaxNode,
  scope: Scope,
  evaluate: Evaluate,
  argumentsGiven: () => Arguments,
): PythonValue {
  const { object, name } = memberOf(node, scope);
  if (name === undefined) throw notRead(scope.source, node);
  return callMethod(evaluate(object, scope), textOf(scope.source, name), argumentsGiven(), scope);
}

/** `a.b = value` and `a['b'] = value`. */
export function assignMember(node: SyntaxNode, value: PythonValue, scope: Scope, evaluate: Evaluate): void {
  const { object, name, index } = memberOf(node, scope);
  const container = evaluate(object, scope);
  if (container instanceof PythonDict) {
    setItem(container, keyToChange(container, name, index, node, scope, evaluate), value, scope.budget);
    return;
  }
  const place = listPlace(container, name, index, node, scope, evaluate);
  place.items[place.index] = value;
}

/** `del a.b` and `del a['b']`. */
export function deleteMember(node: SyntaxNode, scope: Scope, evaluate: Evaluate): void {
  const { object, name, index } = memberOf(node, scope);
  const container = evaluate(object, scope);
  if (container instanceof PythonDict) {
    const key = keyToChange(container, name, index, node, scope, evaluate);
    itemOf(container, key, node, scope);
    container.entries.delete(key);
    return;
  }
  const place = listPlace(container, name, index, node, scope, evaluate);
  place.items.splice(place.index, 1);
}

function keyToChange(
  dict: PythonDict,
  name: SyntaxNode | undefined,
  index: readonly SyntaxNode[],
  node: SyntaxNode,
  scope: Scope,
  evaluate: Evaluate,
): PythonKey {
  if (name === undefined) return keyIn(index, node, scope, evaluate);
  const key = textOf(scope.source, name);
  if (dict.isConfig && !DICT_METHODS.has(key)) return key;
  throw invalid(scope.source, node, `a key in brackets: ['${key}']`);
}

function listPlace(
  container: PythonValue,
  name: SyntaxNode | undefined,
  nodes: readonly SyntaxNode[],
  node: SyntaxNode,
  scope: Scope,
  evaluate: Evaluate,
): { readonly items: PythonValue[]; readonly index: number } {
  if (!(container instanceof PythonList) || name !== undefined || nodes.some((child) => child.name === ':')) {
    throw invalid(scope.source, node, 'a key of a dict or an index into a list', { received: typeName(container) });
  }
  const key = keyIn(nodes, node, scope, evaluate);
  const { items } = container;
  const index = typeof key === 'number' ? (key < 0 ? items.length + key : key) : -1;
  if (index >= 0 && index < items.length) return { items, index };
  throw invalid(scope.source, node, `an index into ${items.length} items`, { received: key });
}
