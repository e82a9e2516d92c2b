// What `npm publish` would send: lists it, and ends with 1 where something is there that should not be, or is missing.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Beside the weights in assets/. A package that is suddenly larger has something in it that nobody meant to send. */
const MOST_BYTES = 6e6;
const TEXTS = ['LICENSE', 'NOTICE', 'README.md', 'CHANGELOG.md', 'package.json'];
/** Licences of what is bundled, and the page of a server. */
const BUNDLED = /^dist\/(?:THIRD_PARTY_NOTICES\.md|service\/page\/(?:served\.html|page\.css|icon\.svg))$/;

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const packed = spawnSync(npm, ['pack', '--dry-run', '--json', '--ignore-scripts'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
  shell: process.platform === 'win32',
});
if (packed.status !== 0) throw new Error(packed.stderr);
const [{ files, size, unpackedSize }] = JSON.parse(packed.stdout);
const paths = files.map((file) => file.path);
const read = (path) => readFileSync(`${root}/${path}`, 'utf8');
const manifest = JSON.parse(read('package.json'));

const faults = [
  ...paths.filter((path) => !isMeant(path)).map((path) => `${path} is packed`),
  ...TEXTS.filter((path) => !paths.includes(path)).map((path) => `${path} is not packed`),
  ...[...new Set(targets(manifest))].filter((path) => !isPacked(path)).map((path) => `package.json names ${path}`),
  ...paths
    .filter((path) => path.endsWith('.js') && /^\/\/# sourceMappingURL=(?!data:)/m.test(read(path)))
    .map((path) => `${path} names a source map`),
];
const own = files.filter(({ path }) => !path.startsWith('assets/')).reduce((sum, file) => sum + file.size, 0);
if (own > MOST_BYTES) faults.push(`${megabytes(own)} beside assets/, more than ${megabytes(MOST_BYTES)}`);

const folders = new Map();
for (const { path, size: bytes } of files) {
  const folder = path.startsWith('assets/') ? path : path.split('/').slice(0, -1).slice(0, 2).join('/') || '.';
  const { count, sum } = folders.get(folder) ?? { count: 0, sum: 0 };
  folders.set(folder, { count: count + 1, sum: sum + bytes });
}
for (const [folder, { count, sum }] of folders)
  console.log(`${megabytes(sum)} ${String(count).padStart(5)}  ${folder}`);
console.log(`${megabytes(unpackedSize)} ${String(files.length).padStart(5)}  in all, ${megabytes(size).trim()} packed`);
for (const fault of faults) console.error(`fault: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;

/** Built code with its types, assets, and a few texts: no test, no source, no map. */
function isMeant(path) {
  return (
    TEXTS.includes(path) ||
    BUNDLED.test(path) ||
    path.startsWith('assets/') ||
    /^dist\/(?!test\/).*(?:\.js|\.d\.ts|\.wasm|\.mjs)$/.test(path)
  );
}

/** Every file that `exports`, `bin`, `main`, `types` and their like name; patterns as they stand. */
function targets({ exports, bin, main, module, types, browser, typesVersions }) {
  const strings = (value) =>
    typeof value === 'string'
      ? [value]
      : value === null || typeof value !== 'object'
        ? []
        : Object.values(value).flatMap(strings);
  return strings([exports, bin, main, module, types, browser, typesVersions]).map((path) => path.replace(/^\.\//, ''));
}

function isPacked(target) {
  const [start, end] = target.split('*');
  return paths.some((path) => (end === undefined ? path === target : path.startsWith(start) && path.endsWith(end)));
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(2).padStart(6)} MB`;
}
