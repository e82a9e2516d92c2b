import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url));

export interface Workspace extends Disposable {
  readonly folder: string;
  /** A folder in it with `node_modules`, and `cells.jpg` for the examples: a project like any other. */
  addReader(name: string): string;
}

/** A project outside the repository in which the package is installed: `import 'lowformer'` is the built package. */
export function createWorkspace(): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, 'lowformer'), 'junction');
  // None of the package's own dependencies: a project under pnpm does not see them.
  for (const name of ['@types', 'undici-types']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
  }
  return {
    folder,
    addReader(name) {
      const reader = join(folder, name);
      mkdirSync(reader);
      symlinkSync(modules, join(reader, 'node_modules'), 'junction');
      copyFileSync(join(ROOT, 'assets/blood_cells.jpg'), join(reader, 'cells.jpg'));
      return reader;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/**
 * The project's own strict settings, for a folder outside it.
 * @param source whether 'lowformer' is the package's sources; otherwise it is what the package exports.
 */
export function tsconfigFor(folder: string, source: boolean): string {
  const path = join(folder, source ? 'tsconfig.source.json' : 'tsconfig.json');
  const compilerOptions = {
    rootDir: source ? parse(folder).root : folder,
    outDir: folder,
    noEmit: source,
    declaration: false,
    types: ['node'],
    ...(source ? { paths: { lowformer: [join(ROOT, 'index.ts')], 'lowformer/*': [join(ROOT, 'entry', '*.ts')] } } : {}),
  };
  // Named, because the default would leave out the folder that the output goes to.
  const files = { include: ['**/*.ts'], exclude: ['**/node_modules'] };
  writeFileSync(path, JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions, ...files }));
  return path;
}
