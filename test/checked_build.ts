/** Tests that run what is built hold to it that it is built from what is there. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './workspace.js';

/** The folders that are compiled, by tsconfig.build.json. */
const SOURCES = readdirSync(ROOT, { withFileTypes: true })
  .filter(
    (entry) => entry.isDirectory() && !/^(\..*|dist.*|node_modules|test|benchmarks|docs|assets)$/.test(entry.name),
  )
  .map(({ name }) => name);

/** @throws {Error} unless dist/ is as new as what it is made from: a test of an older build says nothing. */
export function checkBuild(): void {
  const built = statSync(join(ROOT, 'dist/tools/lowformer.js'), { throwIfNoEntry: false });
  if (built === undefined) throw new Error('dist/ is not built: run `npm run build`.');
  for (const folder of SOURCES) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || statSync(join(ROOT, folder, name)).mtimeMs <= built.mtimeMs) continue;
      throw new Error(`dist/ is older than ${folder}/${name}: run \`npm run build\`.`);
    }
  }
}
