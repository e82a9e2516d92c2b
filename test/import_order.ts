/** The rooms of the house, lowest first. A folder imports only from lower rows; folders of one row not from one another. */
export const ROWS = [
  ['core'],
  ['files'],
  ['geometry', 'graph', 'images'],
  ['registry', 'weights', 'engines', 'data', 'evaluation', 'drawing', 'tracking'],
  ['layers', 'decoding', 'losses', 'targets'],
  ['backbones', 'necks', 'heads', 'steps'],
  ['tasks'],
  ['configs'],
  ['models', 'scoring'],
  ['runs', 'exchange', 'analysis', 'measuring', 'quantization', 'scenes', 'service', 'video', 'web'],
  ['training', 'queue'],
  ['tools', 'entry'],
] as const satisfies readonly (readonly string[])[];

/** Rooms that may use Node's own modules; the others also run in a browser. */
const NODE_ROOMS: readonly string[] = [
  'images',
  'files',
  'weights',
  'engines',
  'data',
  'drawing',
  'models',
  'scoring',
  'runs',
  'exchange',
  'queue',
  'analysis',
  'measuring',
  'quantization',
  'training',
  'scenes',
  'service',
  'video',
  'tools',
  'entry',
];

/** Whether a room is one of those. */
export function usesNode(room: string): boolean {
  return NODE_ROOMS.includes(room);
}

/** One import of one file, as written. */
export interface ImportStatement {
  /** Path of the importing file from the repository's root: `necks/fpn.ts`. */
  readonly file: string;
  /** `../core/errors.js`, `node:fs`, `zod`. */
  readonly specifier: string;
}

/** Static and dynamic imports, and re-exports, of a TypeScript source. */
export function importsOf(file: string, source: string): readonly ImportStatement[] {
  const withoutComments = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const patterns = [
    /(?:^|[\s;}])(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'/g,
    /\bimport\s*\(\s*'([^']+)'/g,
    /^import\s+'([^']+)'/gm,
  ];
  return patterns.flatMap((pattern) =>
    [...withoutComments.matchAll(pattern)].map(([, specifier = '']) => ({ file, specifier })),
  );
}

/** What is wrong with the imports, one readable line each. */
export function violations(imports: readonly ImportStatement[]): readonly string[] {
  return imports.flatMap(({ file, specifier }) => {
    const from = room(file);
    if (specifier.startsWith('node:')) {
      return from === undefined || usesNode(from) ? [] : [`${file}: ${from}/ must not use ${specifier}`];
    }
    if (!specifier.startsWith('.')) return [];
    const to = room(resolve(file, specifier));
    if (from === undefined || to === undefined || from === to) return [];
    return row(to) < row(from) ? [] : [`${file}: ${from}/ must not import from ${to}/ (${specifier})`];
  });
}

/** The folder at the top of the repository, where it is one of the rooms. */
function room(path: string): string | undefined {
  const [top = ''] = path.split('/');
  return row(top) < 0 ? undefined : top;
}

function row(folder: string): number {
  return ROWS.findIndex((folders) => folders.some((name) => name === folder));
}

function resolve(file: string, specifier: string): string {
  const parts = file.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
