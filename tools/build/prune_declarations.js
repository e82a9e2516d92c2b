// Keeps the declarations that the package's entries lead to, and no others: what a user's compiler cannot reach need not be
// packed, and may name the types of packages that are not installed with this one.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * @param {string} root the repository, whose package.json names the entries.
 * @param {string} dist what the compiler wrote.
 */
export function pruneDeclarations(root, dist) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const reached = new Set(declarationEntries(exports).map((entry) => resolve(dist, entry.replace('./dist/', ''))));
  for (const file of reached) for (const found of importedBy(file)) reached.add(found);
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const file = join(dist, name);
    if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
}

/** Every path under a condition `types`, however deep. */
function declarationEntries(exports) {
  if (typeof exports !== 'object' || exports === null) return [];
  return Object.entries(exports).flatMap(([condition, value]) =>
    condition === 'types' && typeof value === 'string' ? [value] : declarationEntries(value),
  );
}

function importedBy(file) {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g)]
    .map(([, specifier]) => resolve(dirname(file), specifier).replace(/\.js$/, '.d.ts'))
    .filter((found) => existsSync(found));
}
