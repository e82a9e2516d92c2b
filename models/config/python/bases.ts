/** The bases that a Python config names: `_base_ = […]`, or imports below `with read_base():`. */
import { Budget } from './budget.js';
import { evaluateListed } from './expressions.js';
import { type FromImport, fromImport } from './imports.js';
import type { Scope } from './scope.js';
import { childrenOf, invalid, notRead, type SyntaxNode, splitAt, textOf } from './syntax.js';
import { isItems, type PythonValue, typeName } from './values.js';

export interface NamedBases {
  /** `_base_`, as mmengine's configs have it, or imports, as its pure-Python configs; undefined for neither. */
  readonly style: 'names' | 'imports' | undefined;
  /** Paths from the config's folder. */
  readonly references: readonly string[];
  /** What each import takes from its base; none in the style of names. */
  readonly imports: readonly FromImport[];
  /** The statements to be executed. */
  readonly statements: readonly SyntaxNode[];
}

/**
 * Finds them before anything else of the file is read.
 * @throws {LowformerError} `invalid-config` for bases that are no texts, in a package, or named in both styles.
 */
export function namedBases(statements: readonly SyntaxNode[], scope: Scope): NamedBases {
  const { source } = scope;
  const assigned = statements.find((node) => isBaseAssignment(node, scope));
  const blocks = statements.filter(({ name }) => name === 'WithStatement');
  const others = statements.filter(({ name }) => name !== 'WithStatement');
  const imports = blocks.flatMap((block) => importsBelow(block, scope));
  const [block] = blocks;
  if (assigned !== undefined && block !== undefined) {
    throw invalid(source, block, "bases in one style: '_base_' or 'with read_base():'");
  }
  if (assigned !== undefined) {
    return { style: 'names', references: references(assigned, scope), imports: [], statements };
  }
  const hasImports = block !== undefined || others.some(({ name }) => name === 'ImportStatement');
  return {
    style: hasImports ? 'imports' : undefined,
    references: imports.map(({ node, module }) => pathOf(module, node, scope)),
    imports,
    statements: others,
  };
}

function isBaseAssignment(node: SyntaxNode, { source }: Scope): boolean {
  const [target] = node.name === 'AssignStatement' ? childrenOf(node) : [];
  return target !== undefined && target.name === 'VariableName' && textOf(source, target) === '_base_';
}

function references(node: SyntaxNode, scope: Scope): readonly string[] {
  const values = splitAt(childrenOf(node), 'AssignOp').at(-1) ?? [];
  // mmengine evaluates it apart from the file: no variable has a value there.
  const value = evaluateListed(values, node, { ...scope, names: new Map(), budget: new Budget() });
  const items: readonly PythonValue[] =
    typeof value === 'object' && value !== null && isItems(value) ? value.items : [value];
  return items.map((item) => {
    if (typeof item !== 'string') {
      throw invalid(scope.source, node, 'a path, or a list of paths, for _base_', { received: typeName(item) });
    }
    if (!item.includes('::')) return item;
    const hint = `Give the path of a copy of it, or: ${dumpHint(scope)}`;
    throw invalid(scope.source, node, 'a base that is a file, not one of a Python package', { received: item, hint });
  });
}

function dumpHint({ source }: Scope): string {
  return `python -c "from mmengine import Config; Config.fromfile('${source.id}').dump('config.json')"`;
}

interface BaseImport extends FromImport {
  readonly node: SyntaxNode;
}

function importsBelow(block: SyntaxNode, scope: Scope): readonly BaseImport[] {
  const [, manager, body, ...more] = childrenOf(block);
  const isBlock = manager !== undefined && textOf(scope.source, manager) === 'read_base()' && body?.name === 'Body';
  if (!isBlock || body === undefined || more.length > 0) throw notRead(scope.source, block);
  return childrenOf(body)
    .filter(({ name }) => name !== ':' && name !== 'PassStatement')
    .map((node) => {
      const base = node.name === 'ImportStatement' ? fromImport(node, scope.source) : undefined;
      if (base === undefined) throw invalid(scope.source, node, "'from .base import *' below 'with read_base():'");
      return { ...base, node };
    });
}

/** `..base.model` is `../base/model.py`. */
function pathOf(module: string, node: SyntaxNode, scope: Scope): string {
  const [, dots = '', name = ''] = /^(\.*)(.*)$/.exec(module) ?? [];
  if (dots !== '' && name !== '') return `./${'../'.repeat(dots.length - 1)}${name.replaceAll('.', '/')}.py`;
  const expected = 'a base that is a file beside the config: from ..folder.file import *';
  throw invalid(scope.source, node, expected, { received: module, hint: dumpHint(scope) });
}
