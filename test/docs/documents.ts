import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../workspace.js';

/** A fenced block: `language` and, after it, the file name under which other blocks and commands know it. */
export interface CodeBlock {
  readonly language: string;
  readonly fileName: string | undefined;
  /** Line of the document on which the code starts, from 1. */
  readonly line: number;
  readonly code: string;
}

export interface Document {
  /** `docs/library.md`. */
  readonly path: string;
  /** Fit for a folder: `docs_library`. */
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly CodeBlock[];
}

/** README.md and all of docs/. */
export const documents: readonly Document[] = [
  'README.md',
  ...readdirSync(`${ROOT}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].map((path) => {
  const text = readFileSync(ROOT + path, 'utf8');
  return { path, name: path.replace(/\.md$/, '').replaceAll('/', '_'), text, blocks: blocksOf(text) };
});

export function blocksOf(text: string): readonly CodeBlock[] {
  return [...text.matchAll(/^```(\w+)(?: +(\S+))?\n(.*?)^```$/gms)].map((match) => {
    const [, language = '', fileName, code = ''] = match;
    return { language, fileName, line: text.slice(0, match.index).split('\n').length + 1, code };
  });
}

/** The commands of a block of shell, one line each. */
export function commandsOf({ code, line }: CodeBlock): readonly { readonly line: number; readonly command: string }[] {
  return [...code.matchAll(/^(?:.*\\\n)*.*\n/gm)]
    .map((match) => ({ line: line + code.slice(0, match.index).split('\n').length - 1, command: match[0].trim() }))
    .filter(({ command }) => command !== '' && !command.startsWith('#'));
}

/** Writes blocks under their names, or as `line_<n>` with the language's ending; returns the paths in their order. */
export function writeBlocks(folder: string, blocks: readonly CodeBlock[]): readonly string[] {
  return blocks.map(({ language, fileName, line, code }) => {
    const path = join(folder, fileName ?? `line_${line}.${language}`);
    writeFileSync(path, code);
    return path;
  });
}
