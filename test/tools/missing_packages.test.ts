/** What works where native packages are missing, and what is said where one is needed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { packageRoot, packageVersion } from '../../files/package_version.js';
import { lowformer, temporaryFolder } from './command_line.js';
import { detector } from './tiny_models.js';

const cwd = temporaryFolder();
writeFileSync(join(cwd, 'det.json'), JSON.stringify(detector));
for (const name of ['a.png', 'b.png']) writeFileSync(join(cwd, name), 'never decoded');
const truth = { images: [{ id: 1, width: 9, height: 9 }], categories: [{ id: 1, name: 'cell' }] };
const annotation = { id: 1, image_id: 1, category_id: 1, bbox: [1, 1, 5, 5], area: 25, iscrowd: 0 };
writeFileSync(join(cwd, 'gt.json'), JSON.stringify({ ...truth, annotations: [annotation] }));
writeFileSync(join(cwd, 'dt.json'), JSON.stringify([{ image_id: 1, category_id: 1, bbox: [1, 1, 5, 5], score: 0.9 }]));

/** Node's own option to load a module first: here one that lets packages fail as they do without their binaries. */
function without(...packages: readonly string[]): Readonly<Record<string, string>> {
  const hooks = `const missing = ${JSON.stringify(packages)};
    export async function resolve(specifier, context, next) {
      if (missing.includes(specifier)) throw new Error('Could not load the module using this runtime\\nPossible solutions: none');
      return next(specifier, context);
    }`;
  const asUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(asUrl(hooks))});`;
  return { NODE_OPTIONS: `--import=${asUrl(register)}` };
}

const ALL = without('sharp', 'canvas', 'onnxruntime-node');

describe('without sharp, canvas and onnxruntime-node', () => {
  test.each([
    [['--version'], new RegExp(`^${packageVersion()}\n$`)],
    [['--help'], /detect .*CONFIG|Commands:/],
    [['score', 'coco', '--annotations', 'gt.json', '--predictions', 'dt.json'], /AP50 +1\.0000/],
    [['inspect', 'det.json'], /^input +1 x 3/],
    [['config', 'print', 'det.json'], /^model:/],
  ])('%j works', async (args, expected) => {
    const { code, stdout, stderr } = await lowformer(args, { cwd, env: ALL });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(expected);
  });

  test('doctor tells what to install', async () => {
    const { code, stdout } = await lowformer(['doctor'], { cwd, env: ALL });
    expect(code).toBe(0);
    const one = stdout.replace(/\s+/g, ' ');
    expect(one).toMatch(/onnxruntime-node no Install it with: npm install onnxruntime-node@/);
    expect(one).toContain(`npm install --os=${process.platform} --cpu=${process.arch}`);
    expect(one).toContain('canvas@npm:@napi-rs/canvas');
    expect(one).toContain('tfjs device here');
  });
});

test('what reads a picture names the package and the command that installs it, once', async () => {
  const install = `Install it here, on the machine that runs it: npm install --os=${process.platform} --cpu=${process.arch}`;
  const assets = fileURLToPath(new URL('assets/', packageRoot()));
  const model = [`${assets}blood_cells.json`, '--checkpoint', `${assets}blood_cells.safetensors`];
  const { code, stdout, stderr } = await lowformer(['detect', ...model, 'a.png', 'b.png'], {
    cwd,
    env: without('sharp'),
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(
    `lowformer: pictures: expected the package sharp with a binary for ${process.platform} ${process.arch}. ${install}`,
  );
  expect(stderr.match(/npm install/g)).toHaveLength(1);
  expect(stderr).not.toContain('    at ');
});
