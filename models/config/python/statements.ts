/** The statements of a config, one after the other: assignments, changes, deletions, imports that name a type. */
import { BudgetError } from './budget.js';
import { evaluate, evaluateListed } from './expressions.js';
import { itemsOf } from './functions.js';
import { importStatement } from './imports.js';
import { assignMember, deleteMember } from './members.js';
import { binary } from './operators.js';
import type { Scope } from './scope.js';
import { childrenOf, invalid, notRead, type SyntaxNode, splitAt, textOf } from './syntax.js';
import { PythonList, type PythonValue, typeName } from './values.js';

type Execute = (node: SyntaxNode, scope: Scope) => void;

const STATEMENTS: ReadonlyMap<string, Execute> = new Map<string, Execute>([
  ['AssignStatement', assignment],
  ['UpdateStatement', augmented],
  ['ExpressionStatement', (node, scope) => void evaluateListed(childrenOf(node), node, scope)],
  ['DeleteStatement', deletion],
  ['ImportStatement', importStatement],
  ['PassStatement', () => {}],
  ['StatementGroup', (node, scope) => group(node, scope)],
]);

/** @throws {LowformerError} `invalid-config` with line and column for every other statement: none is run. */
export function execute(node: SyntaxNode, scope: Scope): void {
  const statement = STATEMENTS.get(node.name);
  if (statement === undefined) throw notRead(scope.source, node);
  try {
    scope.budget.spend();
    statement(node, scope);
  } catch (error) {
    throw error instanceof BudgetError ? invalid(scope.source, node, error.message) : error;
  }
}

/** Of a file, without the bases of a pure-Python config, which are read before. @throws {LowformerError} */
export function topStatements(scope: Scope): readonly SyntaxNode[] {
  const { source } = scope;
  const statements = childrenOf(source.tree);
  for (const node of statements) {
    if (node.from > 0 && source.text[node.from - 1] !== '\n')
      throw invalid(source, node, 'a statement at the start of its line');
  }
  return statements;
}

function group(node: SyntaxNode, scope: Scope): void {
  for (const child of childrenOf(node)) if (child.name !== ';') execute(child, scope);
}

function assignment(node: SyntaxNode, scope: Scope): void {
  const groups = splitAt(
    childrenOf(node).filter(({ name }) => name !== 'TypeDef'),
    'AssignOp',
  );
  const values = groups.at(-1);
  if (groups.length < 2 || values === undefined) return;
  const targets = groups.slice(0, -1);
  const value = evaluateListed(values, node, scope);
  for (const target of targets) assignTo(target, value, node, scope);
}

function assignTo(nodes: readonly SyntaxNode[], value: PythonValue, place: SyntaxNode, scope: Scope): void {
  const [first, ...more] = nodes;
  if (first === undefined) throw notRead(scope.source, place);
  const inBrackets = first.name === 'TupleExpression' || first.name === 'ArrayExpression';
  if (more.length > 0) unpack(nodes, value, place, scope);
  else if (inBrackets) unpack(childrenOf(first).slice(1, -1), value, first, scope);
  else if (first.name === 'MemberExpression') assignMember(first, value, scope, evaluate);
  else if (first.name !== 'VariableName') throw notRead(scope.source, first);
  // mmengine takes `_base_` out of the file before it runs: what is said of the bases has been read already.
  else if (textOf(scope.source, first) !== '_base_') scope.names.set(textOf(scope.source, first), value);
}

function unpack(nodes: readonly SyntaxNode[], value: PythonValue, place: SyntaxNode, scope: Scope): void {
  const targets = splitAt(nodes, ',');
  const items = itemsOf(value, place, scope);
  if (items.length !== targets.length) {
    throw invalid(scope.source, place, `${targets.length} values to unpack`, { received: items.length });
  }
  for (const [i, target] of targets.entries()) assignTo(target, items[i] ?? null, place, scope);
}

/** `x += 1`; a list that grows so is the same list for whoever else holds it. */
function augmented(node: SyntaxNode, scope: Scope): void {
  const [target, operation, ...values] = childrenOf(node);
  if (target === undefined || operation === undefined) throw notRead(scope.source, node);
  const operator = textOf(scope.source, operation).slice(0, -1);
  const [own, value] = [evaluate(target, scope), evaluateListed(values, node, scope)];
  if (own instanceof PythonList && operator === '+') {
    const items = [...itemsOf(value, node, scope)];
    scope.budget.make(own.items.length + items.length);
    for (const item of items) own.items.push(item);
    return;
  }
  const result = binary(operator, own, value, scope.budget);
  if (result === undefined) {
    const received = `${typeName(own)} ${operator}= ${typeName(value)}`;
    throw invalid(scope.source, node, `values that '${operator}' works on, with a result that is exact,`, { received });
  }
  assignTo([target], result, node, scope);
}

function deletion(node: SyntaxNode, scope: Scope): void {
  for (const [target, ...more] of splitAt(childrenOf(node).slice(1), ',')) {
    if (target === undefined || more.length > 0) throw notRead(scope.source, node);
    if (target.name === 'MemberExpression') deleteMember(target, scope, evaluate);
    else if (target.name !== 'VariableName') throw notRead(scope.source, target);
    else if (!scope.names.delete(textOf(scope.source, target))) evaluate(target, scope);
  }
}
