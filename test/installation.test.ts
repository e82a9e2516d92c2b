/** What a user installs: how much it is, and that it is enough. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { installPacked } from './packed_package.js';
import { DECLARED, productionPackages } from './production_packages.js';
import { type Finished, run } from './run_program.js';
import { folderIn, temporaryFolder } from './tools/command_line.js';
import { classifier, drawPicture, segmentor, writeModel, writePicture } from './tools/tiny_models.js';

const cwd = temporaryFolder();
const installed = join(folderIn(cwd, 'node_modules'), 'lowformer');
/** From the package's folder, with `/` between folders. */
let files: readonly string[] = [];

beforeAll(async () => {
  await installPacked(installed, { packages: DECLARED.dependencies });
  files = ['dist', 'assets'].flatMap((folder) =>
    readdirSync(join(installed, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    ),
  );
});

const read = (file: string) => readFileSync(join(installed, file), 'utf8');
const lowformer = (...args: readonly string[]): Promise<Finished> =>
  run(process.execPath, [join(installed, 'dist/tools/lowformer.js'), ...args], cwd);

/** The package that an import names, as `package.json` does; undefined for a file and for a module of Node's. */
function packageOf(specifier: string): string | undefined {
  if (/^[./#]/.test(specifier) || isBuiltin(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}

/** Of imports, static and dynamic, re-exports and `import('…')` types, in code as compilers write it. */
function packagesIn(code: string): readonly string[] {
  const bare = code.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const patterns = [
    /(?:^|;)\s*(?:import|export)\b(?:[\w$*{}\s,]*?\bfrom)?\s*["']([^'"]+)["']/gm,
    /\bimport\(\s*["'`]([^'"`]+)["'`]\s*\)/g,
    /\brequire\(\s*["']([^'"]+)["']\s*\)/g,
  ];
  return patterns.flatMap((pattern) => [...bare.matchAll(pattern)].flatMap(([, name = '']) => packageOf(name) ?? []));
}

describe('the packages that are installed', () => {
  const count = (platform: Parameters<typeof productionPackages>[0]) => productionPackages(platform).length + 1;

  test.each([
    { os: 'linux', cpu: 'x64', libc: 'glibc' },
    { os: 'linux', cpu: 'x64', libc: 'musl' },
    { os: 'linux', cpu: 'arm64', libc: 'glibc' },
    { os: 'darwin', cpu: 'arm64' },
    { os: 'win32', cpu: 'x64' },
    // Without regard to the C library: npm 10.
    { os: 'linux', cpu: 'x64' },
  ])('are 60 at most: $os $cpu $libc', (platform) => {
    expect(count(platform)).toBeGreaterThan(DECLARED.dependencies.length);
    expect(count(platform)).toBeLessThanOrEqual(60);
  });

  test('serve neither charts nor the second engine', () => {
    const packages = productionPackages({ os: process.platform, cpu: process.arch });
    expect(packages.filter((name) => /vega|^d3-|tensorflow/.test(name))).toEqual([]);
  });
});

describe('the packed files', () => {
  test('import declared packages alone', () => {
    const code = files.filter((file) => file.endsWith('.js'));
    expect(code.length).toBeGreaterThan(300);
    const imported = new Set(code.flatMap((file) => packagesIn(read(file))));
    const declared = [...DECLARED.dependencies, ...DECLARED.peers];
    expect([...imported].filter((name) => !declared.includes(name))).toEqual([]);
    expect(
      DECLARED.dependencies.filter((name) => !imported.has(name)),
      'installed, and never asked for',
    ).toEqual([]);
  });

  test('have types of installed packages alone', () => {
    const declarations = files.filter((file) => file.endsWith('.d.ts'));
    expect(declarations.length).toBeGreaterThan(40);
    const named = new Set(declarations.flatMap((file) => packagesIn(read(file))));
    expect([...named].filter((name) => !DECLARED.dependencies.includes(name))).toEqual([]);
  });

  test('hold the licence of every package that is bundled', () => {
    const notices = read('dist/THIRD_PARTY_NOTICES.md').split(/^## /m).slice(1);
    const heading = /^(\S+) (\d+\.\d+\.\d+) \((?:BSD-3-Clause|ISC|MIT)\)\n/;
    expect(notices.filter((notice) => !heading.test(notice))).toEqual([]);
    for (const notice of notices) expect(notice).toMatch(/Copyright[\s\S]+WARRANT/i);
    const names = notices.map((notice) => heading.exec(notice)?.[1]);
    expect(names).toEqual(
      expect.arrayContaining(['vega', 'vega-lite', 'vega-scenegraph', 'd3-shape', 'topojson-client']),
    );
    expect(names.length).toBeGreaterThan(40);
  });
});

describe('without packages of development', () => {
  beforeAll(async () => {
    await writeModel(cwd, 'seg', segmentor);
    await writeModel(cwd, 'cls', classifier);
    await writePicture(join(cwd, 'a.png'), drawPicture(120, 80));
    const images = [{ id: 1, width: 9, height: 9 }];
    const object = { image_id: 1, category_id: 1, bbox: [1, 1, 5, 5] };
    const annotations = [{ ...object, id: 1, area: 25, iscrowd: 0 }];
    writeFileSync(join(cwd, 'gt.json'), JSON.stringify({ images, annotations, categories: [{ id: 1, name: 'cell' }] }));
    writeFileSync(join(cwd, 'dt.json'), JSON.stringify([{ ...object, score: 0.9 }]));
  });

  test.each([
    [['detect', 'blood-cells', `${installed}/assets/blood_cells.jpg`, '--json', '-', '--out', 'found'], /"RBC"/],
    [['segment', 'seg.json', '--checkpoint', 'seg.safetensors', 'a.png', '--json', '-', '--out', 'maps'], /"ground"/],
    [['classify', 'cls.json', '--checkpoint', 'cls.safetensors', 'a.png'], /a\.png/],
    [['analyse', '--annotations', 'gt.json', '--predictions', 'dt.json', '--out', 'report.html'], /(?:)/],
    [['benchmark', 'cls.json', '--rounds', '6', '--warm-up', '1', '--plot', 'plot.png'], /cls/],
  ])('%j', async (args, expected) => {
    const { code, stdout, stderr } = await lowformer(...args);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(expected);
  });

  test('the report has its charts', () => {
    expect(readFileSync(join(cwd, 'report.html'), 'utf8').match(/<svg[^>]*class="marks"/g)?.length).toBeGreaterThan(1);
  });

  const install = 'npm install @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0';

  test('--engine tfjs says what to install', async () => {
    const { code, stdout, stderr } = await lowformer(
      'classify',
      'cls.json',
      'a.png',
      '--engine',
      'tfjs',
      '--checkpoint',
      'cls.safetensors',
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(
      `lowformer: tfjs: expected the packages @tensorflow/tfjs-core and @tensorflow/tfjs-backend-wasm in version 4.22.0. Install it with: ${install}`,
    );
    expect(stderr).not.toContain('    at ');
  });

  test('so does doctor', async () => {
    const { code, stdout } = await lowformer('doctor');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^tfjs +not installed$/m);
    expect(stdout.replace(/\s+/g, ' ')).toContain(install);
  });
});
