/** YAML 1.2, so `yes` and `no` are texts; with merge keys (`<<`). mmengine's tuples (`!!python/tuple`) are lists. */
import type { Alias, Node, Pair } from 'yaml';
import { LowformerError } from '../../core/errors.js';

/** Aliases in a config, and the values that they unfold to: far more than any has. */
const MOST_ALIASES = 1000;
const MOST_VALUES = 500_000;
/** Brackets within brackets, and lists that begin on one line. The depth of a config itself is bounded where it is checked. */
const MOST_LEVELS = 100;

/** What YAML's lexer puts before the text of a scalar. */
const SCALAR_FOLLOWS = '\u001f';

/**
 * The value of a YAML text.
 * @param id the file's name in messages.
 * @throws {LowformerError} `unreadable-file` with line and column for what is no YAML, for keys that are no texts or stand
 *   twice, and for nesting and aliases made to exhaust the reader.
 */
export async function parseYaml(text: string, id: string): Promise<unknown> {
  const yaml = await import('yaml');
  checkNesting(new yaml.Lexer().lex(text), id);
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, {
    lineCounter: lines,
    merge: true,
    // Both take time that grows with the square of the file.
    uniqueKeys: false,
    prettyErrors: false,
    customTags: [{ tag: 'tag:yaml.org,2002:python/tuple', collection: 'seq', resolve: (list) => list }],
  });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${id}:${line}:${col}`;
  };
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw syntaxError(at(problem.pos[0]), `YAML: ${firstLine(problem.message)}`);
  yaml.visit(document, {
    Map(_, { items }) {
      checkKeys(items);
    },
  });
  if (document.contents !== null) checkUnfolding(document.contents);
  try {
    return document.toJS({ maxAliasCount: -1 });
  } catch (error) {
    throw syntaxError(id, `YAML: ${firstLine(error instanceof Error ? error.message : String(error))}`);
  }

  function checkKeys(items: readonly Pair<unknown, unknown>[]): void {
    const seen = new Set<string>();
    for (const { key } of items) {
      const place = at((yaml.isNode(key) ? key.range?.[0] : undefined) ?? 0);
      if (!yaml.isScalar(key)) {
        throw syntaxError(place, `a plain key, not ${yaml.isMap(key) ? 'an object' : 'a list'}`, {
          hint: "mmengine's {{ }} templates are not filled in; a text that starts with a bracket needs quotes.",
        });
      }
      const name = String(key.value);
      if (seen.has(name) && name !== '<<') throw syntaxError(place, 'each key once', { received: name });
      seen.add(name);
    }
  }

  /** What an alias stands for is written out once for each, and what that holds again. */
  function checkUnfolding(root: unknown): void {
    const anchors = new Map<string, number>();
    let aliases = 0;
    const unfolded = (node: unknown): number => {
      if (yaml.isAlias(node)) {
        if (++aliases > MOST_ALIASES) throw syntaxError(id, `YAML with at most ${MOST_ALIASES} aliases`);
        return sizeOf(node);
      }
      const size = yaml.isPair(node) ? unfolded(node.value) : 1 + (yaml.isCollection(node) ? sum(node.items) : 0);
      if (size > MOST_VALUES) throw syntaxError(id, `YAML whose aliases unfold to at most ${MOST_VALUES} values`);
      if (isAnchored(node)) anchors.set(node.anchor, size);
      return size;
    };
    const sum = (items: readonly unknown[]) => items.reduce<number>((total, item) => total + unfolded(item), 0);
    const sizeOf = (alias: Alias): number => {
      const size = anchors.get(alias.source);
      if (size !== undefined) return size;
      throw syntaxError(at(alias.range?.[0] ?? 0), `an anchor '&${alias.source}' that ends before it is used`);
    };
    unfolded(root);
  }

  function isAnchored(node: unknown): node is Node & { readonly anchor: string } {
    return yaml.isNode(node) && 'anchor' in node && typeof node.anchor === 'string';
  }
}

/** Before anything is parsed, since the parser goes as deep as the text does. */
function checkNesting(tokens: Iterable<string>, id: string): void {
  let brackets = 0;
  let onLine = 0;
  let isText = false;
  for (const token of tokens) {
    if (isText) isText = false;
    else if (token === SCALAR_FOLLOWS) isText = true;
    else if (token === '[' || token === '{') brackets++;
    else if (token === ']' || token === '}') brackets--;
    else if (token === '-' || token === '?') onLine++;
    else if (token.includes('\n')) onLine = 0;
    if (Math.max(brackets, onLine) > MOST_LEVELS) throw syntaxError(id, `YAML of at most ${MOST_LEVELS} levels`);
  }
}

function syntaxError(
  where: string,
  expected: string,
  more: { readonly received?: string; readonly hint?: string } = {},
): LowformerError {
  return new LowformerError({ code: 'unreadable-file', where, expected, ...more });
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.trim() ?? '';
}
