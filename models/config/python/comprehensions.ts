/** `for … in … if …` behind the value of a list or a dict. */
import { itemsOf } from './functions.js';
import type { Scope } from './scope.js';
import { invalid, notRead, type SyntaxNode, splitAt, textOf } from './syntax.js';
import { isTrue, type PythonValue } from './values.js';

type Evaluate = (node: SyntaxNode, scope: Scope) => PythonValue;

interface Clause {
  readonly targets: readonly SyntaxNode[];
  readonly items: SyntaxNode;
  readonly conditions: readonly SyntaxNode[];
}

/**
 * What `make` gives for each turn of the loops; they go over items that are there, so each comes to its end.
 * @param clauses the nodes from the first `for` on.
 */
export function comprehension<Value>(
  clauses: readonly SyntaxNode[],
  node: SyntaxNode,
  scope: Scope,
  evaluate: Evaluate,
  make: (scope: Scope) => Value,
): Value[] {
  const made: Value[] = [];
  turn(clausesOf(clauses, node, scope), scope);
  return made;

  function turn([clause, ...rest]: readonly Clause[], outer: Scope): void {
    if (clause === undefined) {
      scope.budget.make(1);
      made.push(make(outer));
      return;
    }
    for (const item of itemsOf(evaluate(clause.items, outer), clause.items, outer)) {
      const inner = { ...outer, local: withTargets(clause, item, outer) };
      if (clause.conditions.every((condition) => isTrue(evaluate(condition, inner)))) turn(rest, inner);
    }
  }
}

function clausesOf(nodes: readonly SyntaxNode[], node: SyntaxNode, scope: Scope): readonly Clause[] {
  return splitAt(nodes, 'for')
    .slice(1)
    .map((clause) => {
      const at = clause.findIndex(({ name }) => name === 'in');
      const [[items, ...extra] = [], ...conditions] = splitAt(clause.slice(at + 1), 'if');
      const single = conditions.flatMap(([condition, ...more]) => (more.length === 0 && condition ? [condition] : []));
      const isRead = at > 0 && extra.length === 0 && single.length === conditions.length;
      if (items === undefined || !isRead) throw notRead(scope.source, node);
      return { targets: clause.slice(0, at), items, conditions: single };
    });
}

function withTargets({ targets }: Clause, item: PythonValue, scope: Scope): Map<string, PythonValue> {
  const local = new Map(scope.local);
  const [first] = targets;
  const nodes = first?.name === 'TupleExpression' ? tupleTargets(first) : targets;
  const names = splitAt(nodes, ',').map(([target, ...more]) => {
    if (target?.name === 'VariableName' && more.length === 0) return textOf(scope.source, target);
    throw notRead(scope.source, target ?? scope.source.tree);
  });
  const isOne = names.length === 1 && nodes.length === 1 && first?.name === 'VariableName';
  const values = isOne || first === undefined ? [item] : itemsOf(item, first, scope);
  if (values.length !== names.length && first !== undefined) {
    throw invalid(scope.source, first, `${names.length} values to unpack`, { received: values.length });
  }
  for (const [i, name] of names.entries()) local.set(name, values[i] ?? null);
  return local;
}

function tupleTargets(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children.slice(1, -1);
}
