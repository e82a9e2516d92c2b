/** What `npm ci` does with package-lock.json, for npm 10 and 11. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ROOT } from './workspace.js';

const parse = <Schema extends z.ZodType>(file: string, schema: Schema) =>
  schema.parse(JSON.parse(readFileSync(join(ROOT, file), 'utf8')));
const { packages } = parse(
  'package-lock.json',
  z.object({
    packages: z.record(
      z.string(),
      z.object({
        hasInstallScript: z.boolean().optional(),
        optionalDependencies: z.record(z.string(), z.string()).optional(),
      }),
    ),
  }),
);

test('no script of a package runs while installing, and npm has nothing to warn of', () => {
  // npm 10 runs the scripts of packages marked so here; npm 11 asks allowScripts, and npm 10 does not know that key.
  const marked = Object.keys(packages).filter((path) => packages[path]?.hasInstallScript !== undefined);
  expect(marked, 'npm wrote "hasInstallScript": true back into package-lock.json. Delete these lines').toEqual([]);
  const { allowScripts } = parse('package.json', z.object({ allowScripts: z.record(z.string(), z.boolean()) }));
  expect(allowScripts).toEqual({
    koffi: false,
    'msgpackr-extract': false,
    'onnxruntime-node': false,
    protobufjs: false,
  });
  expect(existsSync(join(ROOT, '.npmrc')), 'npm 11 warns of every key that it does not know').toBe(false);
});

test('the binaries of every platform are listed: npm ci fails where one is missing', () => {
  const names = Object.values(packages).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
  expect(names.length).toBeGreaterThan(50);
  const listed = Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, ''));
  expect(names.filter((name) => !listed.includes(name))).toEqual([]);
});
