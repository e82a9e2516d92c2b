/** The syntax tree of a Python file, and places in it. */
import { LowformerError } from '../../../core/errors.js';

type Tree = ReturnType<typeof import('@lezer/python').parser.parse>;
/** A node of Lezer's tree; its names are those of Lezer's Python grammar. */
export type SyntaxNode = Tree['topNode'];

export interface PythonSource {
  /** The file's name in messages. */
  readonly id: string;
  readonly text: string;
  readonly tree: SyntaxNode;
}

/** The way out where this reader is no Python. */
export const DUMP =
  'No Python is run to read a config. mmengine, which runs it, writes it as data: ' +
  "python -c \"from mmengine import Config; Config.fromfile('x.py').dump('x.json')\"";

/**
 * @param id the file's name in messages.
 * @throws {LowformerError} `unreadable-file` with line and column for what is no Python.
 */
export async function parsePython(text: string, id: string): Promise<PythonSource> {
  const { parser } = await import('@lezer/python');
  const unified = text.replaceAll('\r\n', '\n');
  const fail = (offset: number, expected: string) => {
    const [received = 'the end of the line'] = /^\S+/.exec(unified.slice(offset, offset + 100)) ?? [];
    const where = placeOf({ id, text: unified }, offset);
    return new LowformerError({ code: 'unreadable-file', where, expected, received });
  };
  let tree: Tree;
  try {
    // At the first mistake: going on behind each of many takes minutes.
    tree = parser.configure({ strict: true }).parse(unified.replace(TOKEN, withoutLastPoint));
  } catch (error) {
    const [, offset] = /at (\d+)$/.exec(error instanceof SyntaxError ? error.message : '') ?? [];
    throw offset === undefined ? error : fail(Number(offset), 'Python that parses');
  }
  tree.iterate({
    enter({ name, from, to }) {
      const isOpen = name === 'String' && !isClosed(unified.slice(from, to));
      if (isOpen) throw fail(from, 'a text that ends in its quotes');
    },
  });
  return { id, text: unified, tree: tree.topNode };
}

/** Texts, comments, names and numbers, each as a whole; every alternative but the names' and numbers' always ends. */
const TOKEN =
  /'''(?:[^\\']|\\[\s\S]|'(?!''))*(?:'''|$)|"""(?:[^\\"]|\\[\s\S]|"(?!""))*(?:"""|$)|'(?:[^\\'\n]|\\[\s\S])*'?|"(?:[^\\"\n]|\\[\s\S])*"?|#.*|[A-Za-z_]\w*|\d[\d_]*\.\d[\d_]*(?:[eE][+-]?\d+)?|0[xXoObB]\w+|\d[\d_]*\.?/g;

/** Lezer's grammar has no `1.`: it is given `1_`, as long, and what the number is is read from the file itself. */
function withoutLastPoint(token: string): string {
  return /^\d.*\.$/.test(token) ? token.replace('.', '_') : token;
}

function isClosed(literal: string): boolean {
  const [, quote = ''] = /^[a-zA-Z]*('''|"""|'|")/.exec(literal) ?? [];
  return literal.endsWith(quote) && literal.length >= literal.indexOf(quote) + 2 * quote.length;
}

/** `file.py:3:14`, from 1. */
export function placeOf({ id, text }: Pick<PythonSource, 'id' | 'text'>, offset: number): string {
  const before = text.slice(0, offset);
  const column = offset - (before.lastIndexOf('\n') + 1) + 1;
  return `${id}:${before.split('\n').length}:${column}`;
}

export function textOf({ text }: PythonSource, { from, to }: SyntaxNode): string {
  return text.slice(from, to);
}

/** The nodes directly below, without comments; brackets, commas and operators are nodes too. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== 'Comment') children.push(child);
  }
  return children;
}

/** Nodes between separators of one name; nothing stands behind a last comma. */
export function splitAt(nodes: readonly SyntaxNode[], separator: string): readonly (readonly SyntaxNode[])[] {
  const groups: SyntaxNode[][] = [[]];
  for (const node of nodes) {
    if (node.name === separator) groups.push([]);
    else groups.at(-1)?.push(node);
  }
  return groups.at(-1)?.length === 0 ? groups.slice(0, -1) : groups;
}

/** What a config asks for that it cannot be given, at its place. */
export function invalid(
  source: PythonSource,
  node: { readonly from: number },
  expected: string,
  more: { readonly received?: unknown; readonly hint?: string } = {},
): LowformerError {
  return new LowformerError({ code: 'invalid-config', where: placeOf(source, node.from), expected, ...more });
}

/** Python that is more than the subset that is read. */
export function notRead(source: PythonSource, node: SyntaxNode): LowformerError {
  const [line = ''] = textOf(source, node).split('\n');
  const expected = 'variables, dict(), lists, arithmetic, texts and bases, which is all that is read of Python,';
  return invalid(source, node, expected, { received: line.trim(), hint: DUMP });
}
