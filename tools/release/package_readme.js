// README.md for a package page. In the repository its links are relative, and lead somewhere in every clone and fork; a
// page of the registry has nothing beside it. npm runs this before it packs (links to the files of this version's tag) and,
// with --restore, after it. --print writes the page to stdout and changes nothing.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const { version, repository } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const path = fileURLToPath(new URL('README.md', root));
const text = readFileSync(path, 'utf8');

const [, project] = /^git\+https:\/\/github\.com\/([\w.-]+\/[\w.-]+)\.git$/.exec(repository.url) ?? [];
if (project === undefined) {
  console.error(
    `package.json, repository.url: expected git+https://github.com/OWNER/NAME.git but received ${repository.url}`,
  );
  process.exit(1);
}
const pages = `https://github.com/${project}/blob/v${version}/`;
const files = `https://raw.githubusercontent.com/${project}/v${version}/`;

if (process.argv.includes('--restore')) write(text.replaceAll(`](${pages}`, '](').replaceAll(`](${files}`, ']('));
else if (process.argv.includes('--print')) process.stdout.write(absolute(text));
else write(absolute(text));

/** Fenced code stays as it is. */
function absolute(markdown) {
  return markdown
    .split(/(^```.*?^```$)/ms)
    .map((part) => (part.startsWith('```') ? part : part.replace(/(!?)(\[[^\]]*\])\((?!https?:|#)/g, link)))
    .join('');
}

function link(_, picture, words) {
  return `${picture}${words}(${picture === '' ? pages : files}`;
}

/** Whole or not at all, for whoever reads it meanwhile. */
function write(changed) {
  if (changed === text) return;
  writeFileSync(`${path}.new`, changed);
  renameSync(`${path}.new`, path);
}
