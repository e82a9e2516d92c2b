/** What a stranger gets from the registry, and sees of it there. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { run } from '../run_program.js';
import { ROOT } from '../workspace.js';

const manifest = z
  .object({
    name: z.string(),
    type: z.string(),
    version: z.string(),
    scripts: z.object({ prepack: z.string(), postpack: z.string() }),
    description: z.string(),
    keywords: z.array(z.string()),
    homepage: z.url(),
    bugs: z.url(),
    repository: z.object({ type: z.literal('git'), url: z.string() }),
    author: z.string(),
    license: z.string(),
  })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

/** `https://github.com/owner/name`: it stands in package.json, and whatever else names it is held to that. */
const home = manifest.repository.url.replace(/^git\+|\.git$/g, '');
const name = new URL(home).pathname.slice(1);

/** Markdown and templates that may name an address of the project. */
const texts = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...['docs', '.github', 'examples', 'assets', 'benchmarks'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(?:md|ya?ml)$/.test(file) && !file.startsWith('api'))
      .map((file) => `${folder}/${file}`),
  ),
];

test('package.json names one address', () => {
  expect(manifest.homepage).toBe(`${home}#readme`);
  expect(manifest.bugs).toBe(`${home}/issues`);
  expect(manifest.keywords.length).toBeGreaterThan(5);
});

test.each(texts)('addresses of the project in %s are that one, and lead to a file', (text) => {
  const content = readFileSync(join(ROOT, text), 'utf8');
  const own = [
    ...content.matchAll(/https:\/\/(?:raw\.githubusercontent|github)\.com\/([\w.-]+\/lowformer)\b([\w./-]*)/g),
  ];
  for (const [address, project, rest = ''] of own) {
    expect(project, address).toBe(name);
    const file = /^\/(?:blob\/)?(?:main|v[\d.]+)\/(.+)$/.exec(rest)?.[1];
    if (file !== undefined) expect(existsSync(join(ROOT, file)), address).toBe(true);
    else expect(rest, address).toMatch(/^(?:|\/(?:issues|discussions|security)(?:\/[\w/-]*)?)$/);
  }
});

describe('README.md on a package page', () => {
  const links = (text: string) =>
    [...text.matchAll(/(!?)\[[^\]]*\]\(([^)]+)\)/g)].map(([, mark, to = '']) => ({ mark, to }));
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const printed = run(process.execPath, ['tools/release/package_readme.js', '--print'], ROOT);

  test('in the repository its own links are relative: they work in every clone and fork', () => {
    const hint = 'README.md was left as npm packs it: node tools/release/package_readme.js --restore';
    expect(
      links(readme).filter(({ to }) => to.startsWith(home) || to.includes(`.com/${name}/`)),
      hint,
    ).toEqual([]);
  });

  test('has no relative link; each of its own leads to a file of this version’s tag, pictures as files', async () => {
    const { code, stdout } = await printed;
    expect(code).toBe(0);
    const page = links(stdout);
    expect(page).toHaveLength(links(readme).length);
    expect(page.filter(({ to }) => !/^https:/.test(to) && !to.startsWith('#'))).toEqual([]);
    const own = page.filter(({ to }) => to.includes(`.com/${name}/`));
    expect(own.length).toBeGreaterThan(10);
    for (const { mark, to } of own) {
      const base = mark === '!' ? `https://raw.githubusercontent.com/${name}/` : `${home}/blob/`;
      expect(to.startsWith(`${base}v${manifest.version}/`), to).toBe(true);
      const [file = ''] = to.slice(`${base}v${manifest.version}/`.length).split('#');
      expect(existsSync(join(ROOT, file)), to).toBe(true);
    }
  });

  test('npm packs the page, and puts the README back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lowformer-readme-'));
    try {
      cpSync(join(ROOT, 'tools/release'), join(folder, 'tools/release'), { recursive: true });
      const { name: packed, type, version, repository } = manifest;
      const scripts = { prepack: manifest.scripts.prepack, postpack: manifest.scripts.postpack };
      writeFileSync(
        join(folder, 'package.json'),
        JSON.stringify({ name: packed, type, version, repository, scripts, files: [] }),
      );
      writeFileSync(join(folder, 'README.md'), readme);
      const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
      expect((await run(npm, ['pack', '--silent'], folder)).code).toBe(0);
      const page = await run('tar', ['-xzOf', `lowformer-${version}.tgz`, 'package/README.md'], folder);
      expect(page.stdout).toBe((await printed).stdout);
      expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe(readme);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('says how to install it', () => expect(readme).toContain('npm install lowformer'));
});

test('the package has the built code, its types, assets and a few texts, and nothing else', async () => {
  const { code, stdout, stderr } = await run(process.execPath, ['tools/release/package_contents.js'], ROOT);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/\d MB +\d+ {2}in all, \d+\.\d\d MB packed\n$/);
});
