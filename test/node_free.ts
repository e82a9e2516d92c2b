/** Which of Node's own modules and names a file leads to, through everything that it imports. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';

/** The folders that use no Node API, themselves and through what they import. */
export const NODE_FREE: readonly string[] = [
  'core',
  'geometry',
  'graph',
  'registry',
  'evaluation',
  'tracking',
  'layers',
  'decoding',
  'losses',
  'targets',
  'backbones',
  'necks',
  'heads',
  'steps',
  'tasks',
  'configs',
];

/** Packages that are free of Node's modules themselves. */
export const BROWSER_PACKAGES: readonly string[] = ['zod', 'protobufjs/minimal.js', 'onnxruntime-web', 'string-width'];

/** Node's names for what a browser does not have, where they stand as code. */
const NODE_NAMES = /(?<![\w.'"`$])(?:Buffer|process|setImmediate|require|__dirname|__filename)(?=[.(\s])/;

export type ReadSource = (path: string) => string | undefined;

/** A file of the repository; undefined where there is none. */
export function readFrom(root: string): ReadSource {
  return (path) => (existsSync(resolve(root, path)) ? readFileSync(resolve(root, path), 'utf8') : undefined);
}

/**
 * What keeps these files from running in a browser, one line each, with the way that leads there. Types are erased and
 * count for nothing.
 * @param files paths from the repository's root.
 */
export function nodeUses(files: readonly string[], read: ReadSource): readonly string[] {
  const cameFrom = new Map<string, string | undefined>(files.map((file) => [file, undefined]));
  const found: string[] = [];
  for (const [file] of cameFrom) {
    const source = read(file);
    const way = () => wayTo(file, cameFrom);
    if (source === undefined) {
      found.push(`${way()}: there is no such file`);
      continue;
    }
    const code = withoutComments(source);
    const name = NODE_NAMES.exec(withoutTexts(code))?.[0];
    if (name !== undefined) found.push(`${way()}: uses ${name}`);
    for (const specifier of valueImports(code)) {
      if (!specifier.startsWith('.')) {
        if (!isForBrowsers(specifier)) found.push(`${way()}: imports ${specifier}`);
      } else if (!isAsset(specifier)) {
        const target = sourceOf(file, specifier);
        if (!cameFrom.has(target)) cameFrom.set(target, file);
      }
    }
  }
  return found;
}

/** Imports and re-exports of values, static and dynamic, and the programs of workers. */
function valueImports(code: string): readonly string[] {
  const patterns = [
    /(?:^|[\s;}])(?:import|export)\s+(?!type\b)([^'"`;]*?)\bfrom\s*'([^']+)'/g,
    /\bimport\s*\(\s*()'([^']+)'/g,
    /^import\s+()'([^']+)'/gm,
    /\bnew URL\(()'([^']+\.ts)', import\.meta\.url\)/g,
  ];
  return patterns.flatMap((pattern) =>
    [...code.matchAll(pattern)].flatMap(([, names = '', specifier = '']) => (isOnlyTypes(names) ? [] : [specifier])),
  );
}

/** `{ type A, type B }` */
function isOnlyTypes(names: string): boolean {
  const [, list] = /^\s*\{([^}]*)\}\s*$/.exec(names) ?? [];
  const members = list?.split(',').filter((member) => member.trim() !== '') ?? [];
  return members.length > 0 && members.every((member) => /^\s*type\s/.test(member));
}

/** `./worker.js` and `./worker.ts` are the same source. */
function sourceOf(file: string, specifier: string): string {
  return relative('/', resolve('/', dirname(file), specifier)).replace(/\.js$/, '.ts');
}

function isForBrowsers(specifier: string): boolean {
  return BROWSER_PACKAGES.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

/** A file that the build copies and hands out by its address. */
function isAsset(specifier: string): boolean {
  return specifier.endsWith('?url');
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

function withoutTexts(code: string): string {
  return code.replace(
    /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/(?![*/\s])(?:[^/\\\n[]|\\.|\[[^\]\n]*\])+\/\w*/g,
    "''",
  );
}

function wayTo(file: string, cameFrom: ReadonlyMap<string, string | undefined>): string {
  const before = cameFrom.get(file);
  return before === undefined ? file : `${wayTo(before, cameFrom)} -> ${file}`;
}
