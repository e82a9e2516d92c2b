// `npm run release`: the version that CHANGELOG.md opens with becomes a commit and a tag, after every check. Nothing leaves
// this machine; the last lines say how to push and publish. --dry-run says what would be done and what stands against it.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dryRun = process.argv.includes('--dry-run');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const read = (path) => readFileSync(`${root}/${path}`, 'utf8');
const manifest = JSON.parse(read('package.json'));

const headings = [...read('CHANGELOG.md').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading.trim());
const [version = '', last] = headings;
const tag = `v${version}`;
const git = (...args) => run('git', args);
const remote = git('remote', 'get-url', 'origin');

const obstacles = [
  ...versionObstacles(),
  ...(git('status', '--porcelain').stdout === '' ? [] : ['the tree has changes: commit them, or put them away']),
  ...(git('tag', '--list', tag).stdout === '' ? [] : [`there is a tag ${tag} already`]),
  ...(remote.status !== 0 || address(remote.stdout) === address(manifest.repository.url)
    ? []
    : [
        `origin is ${remote.stdout.trim()}, but package.json and the links of the package page say ${manifest.repository.url}`,
      ]),
];

if (dryRun) {
  const contents = packageContents();
  console.log(
    obstacles.length === 0 ? `would release ${version}: commit, tag ${tag}` : 'no release would be made now:',
  );
  for (const obstacle of obstacles) console.log(`- ${obstacle}`);
  process.exitCode = contents;
} else {
  if (obstacles.length > 0) stop(obstacles.join('\n'));
  release();
}

function release() {
  if (run(npm, ['run', 'test:all'], 'inherit').status !== 0) stop('npm run test:all failed');
  if (packageContents() !== 0) stop('the package has not what it should have');
  if (manifest.version !== version) {
    // Of the lock file the first two are the project's own.
    setVersion('package.json', 1);
    setVersion('package-lock.json', 2);
    must(git('commit', '--all', '--message', `Version ${version}`));
  }
  must(git('tag', '--annotate', tag, '--message', `${version}\n\n${section()}`));
  console.log(`tagged ${tag}. Send it out with:\n  git push --follow-tags\n  npm publish`);
}

/** One step after the last one: 0.1.0 is followed by 0.1.1, 0.2.0 or 1.0.0. */
function versionObstacles() {
  const parts = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  if (parts === null) return [`CHANGELOG.md opens with '## ${version}': name the version, as in '## 0.2.0'`];
  if (last === undefined) return [];
  const [major = 0, minor = 0, patch = 0] = last.split('.').map(Number);
  const next = [`${major}.${minor}.${patch + 1}`, `${major}.${minor + 1}.0`, `${major + 1}.0.0`];
  return next.includes(version) ? [] : [`after ${last} comes ${next.join(', ')}, not ${version}`];
}

/** What CHANGELOG.md says of this version. */
function section() {
  const text = read('CHANGELOG.md');
  const start = text.indexOf(`## ${version}\n`) + `## ${version}\n`.length;
  const end = text.indexOf('\n## ', start);
  return text.slice(start, end < 0 ? undefined : end).trim();
}

function setVersion(path, places) {
  let left = places;
  const line = `"version": "${manifest.version}"`;
  writeFileSync(
    `${root}/${path}`,
    read(path).replaceAll(line, (found) => (left-- > 0 ? `"version": "${version}"` : found)),
  );
}

function packageContents() {
  return run(process.execPath, [`${root}/tools/release/package_contents.js`], 'inherit').status ?? 1;
}

/** `github.com/owner/name`, however it is written. */
function address(url) {
  return url
    .trim()
    .replace(/^(?:git\+)?(?:https?:\/\/|ssh:\/\/)?(?:[^@/]*@)?/, '')
    .replace(':', '/')
    .replace(/\.git$/, '');
}

function run(program, args, stdio = 'pipe') {
  return spawnSync(program, args, { cwd: root, encoding: 'utf8', stdio, shell: process.platform === 'win32' });
}

function must({ status, stderr }) {
  if (status !== 0) stop(stderr);
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
