/**
 * Which files of tests share a process, and which start first. Importing the toolkit takes longer than most files of tests do:
 * those that run in the same process, one after another, import it once.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { NODE_FREE } from './node_free.js';
import { isSlow } from './slow_files.js';
import { ROOT } from './workspace.js';

/**
 * Folders without Node's API, which are arithmetic and tables; those that only read, write and draw; and those whose networks, threads
 * and calls of the command end with the test that made them. They leave nothing for the next file to find.
 */
const SHARING = [
  ...NODE_FREE,
  ...[
    'analysis',
    'data',
    'drawing',
    'files',
    'images',
    'measuring',
    'models',
    'quantization',
    'queue',
    'runs',
    'scenes',
    'scoring',
    'service',
  ],
  ...['tools/commands', 'training', 'weights'],
].map((name) => `test/${name}/`);

/**
 * What the next file would see: modules replaced or added to a table, listeners, another environment or folder. And what others
 * before it would make slower or larger: times and memory that are held to a bound.
 */
const MARKS =
  /performance\.now\(|memoryUsage|\bvi\.(mock|doMock|stub\w+|spyOn|useFakeTimers|resetModules)\(|\.register\(|third_party\/|process\.(on|chdir)\(|process\.env\.\w+ = |\(process\.env,/;

/**
 * Folders, and the files beside them, of which the fast files share processes. A slow one there has its own: what it imports is little
 * beside what it does, and several are about processes, memory or packages.
 */
const SHARING_FAST = /^test\/(?:(?:benchmarks|docs|engines|exchange|package|tools|video|web)\/|[^/]+$)/;

/** All files of tests, from the root of the project. */
export const FILES: readonly string[] = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name.replaceAll('\\', '/')}`);

/** Those that share processes. */
export const SHARED: readonly string[] = FILES.filter(
  (path) => SHARING.some((folder) => path.startsWith(folder)) || (SHARING_FAST.test(path) && !isSlow(path)),
).filter((path) => !MARKS.test(readFileSync(join(ROOT, path), 'utf8')));

/** Those that have a process each. */
export const OWN: readonly string[] = FILES.filter((path) => !SHARED.includes(path));

/** What takes longest, the longest first: begun last, it would keep one processor busy while the others wait. */
const LONGEST: readonly string[] = [
  'backbones/large_variants',
  'docs/commands',
  'docs/first_commands',
  'engines/tfjs/networks',
  'tools/web/pictures',
  'docs/examples',
  'package/published',
  'tools/commands/main_paths',
  'tools/commands/quantize',
  'registry/registered_modules',
  'registry/every_model',
  'registry/every_combination',
  'tools/commands/benchmark',
  'tools/commands/train',
  'training/train',
  'tools/commands/evaluate',
  'tools/commands/gradients',
  'models/kept_network',
].map((name) => `/test/${name}.test.ts`);

/**
 * The longest first, then the others as vitest has them: the larger file before the smaller. Those that share processes are
 * together, since a process of theirs ends where another's file is next.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return (project.config.isolate ? 0 : LONGEST.length + 1) + (place < 0 ? LONGEST.length : place);
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
