// Vega and Vega-Lite in one file, in the place of the compiled drawing/vega.js: they are 79 packages, of which reports use
// what is in it. The licences of what it holds go beside it. It has no source map: no line in it is ours.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const MODULE = 'drawing/vega';
const NOTICES = 'THIRD_PARTY_NOTICES.md';
/** Those that ask for no more than that their text is handed on. */
const LICENCES = ['BSD-3-Clause', 'ISC', 'MIT'];

/**
 * @param {string} root the repository.
 * @param {string} dist what the compiler wrote.
 * @throws {Error} for a package whose licence is another, or has no text to hand on.
 */
export async function bundleVega(root, dist) {
  const { output } = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: `${MODULE}.ts`,
      target: 'node20',
      minify: true,
      write: false,
      license: { fileName: 'licences.json' },
      // Vega measures text with it. It is installed with this package, where no other is.
      rolldownOptions: { external: ['canvas'], output: { codeSplitting: false } },
    },
  });
  const bundle = output.find(({ type }) => type === 'chunk');
  const licences = output.find(({ fileName }) => fileName === 'licences.json');
  writeFileSync(join(dist, `${MODULE}.js`), bundle.code);
  rmSync(join(dist, `${MODULE}.js.map`), { force: true });
  writeFileSync(join(dist, NOTICES), notices(JSON.parse(licences.source)));
}

function notices(packages) {
  const unclear = packages.filter(({ identifier, text = '' }) => !LICENCES.includes(identifier) || text === '');
  if (unclear.length > 0) {
    const names = unclear.map(({ name, identifier }) => `${name} (${identifier ?? 'none'})`).join(', ');
    throw new Error(`${MODULE}: expected a licence of ${LICENCES.join(', ')} with its text of ${names}`);
  }
  const parts = packages.map(
    ({ name, version, identifier, text }) => `## ${name} ${version} (${identifier})\n\n${text.trim()}\n`,
  );
  return [`# Notices\n\nThese packages are part of \`${MODULE}.js\`.\n`, ...parts].join('\n');
}
