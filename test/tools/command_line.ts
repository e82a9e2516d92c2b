/** Calls the built command, and makes what it is given: folders. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { checkBuild } from '../checked_build.js';
import { ROOT } from '../workspace.js';
import { callResident } from './resident_command.js';

export const COMMAND = join(ROOT, 'dist', 'tools', 'lowformer.js');

checkBuild();

export interface CommandResult {
  /** -1 where a signal ended it, which `stderr` then names. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Working directory. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sent when the command first writes to stderr what matches. */
  readonly interrupt?: { readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'; readonly at: RegExp };
  /** Seconds after which it is ended; 60 by default. */
  readonly most?: number;
  /**
   * `'own'` for a call that is about the process itself, or about what it keeps: how two of them meet, what the one after finds.
   * Without it calls share one, where nothing speaks against it.
   */
  readonly process?: 'own';
}

/** What is read anew with each call. Others may be read once, or by a library when it is loaded. */
const READ_EACH_TIME = [
  ...['LOWFORMER_CACHE', 'LOWFORMER_MAX_DOWNLOAD', 'LOWFORMER_MAX_NETWORKS', 'LOWFORMER_MIRROR', 'LOWFORMER_OFFLINE'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'NO_PROXY', 'no_proxy'],
  ...['HOME', 'TMPDIR', 'XDG_CACHE_HOME', 'LOWFORMER_FFMPEG'],
];

/** A config that is code may register modules, which stay. */
const CODE = /\.[cm]?[jt]s$/;

/** Runs `lowformer ARGUMENTS` to its end. With `LOWFORMER_TEST_PROCESSES` set, every call has a process of its own. */
export function lowformer(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { cwd, env = {}, interrupt, most = 60 } = options;
  const shares =
    options.process === undefined &&
    interrupt === undefined &&
    (process.env.LOWFORMER_TEST_PROCESSES ?? '') === '' &&
    Object.keys(env).every((name) => READ_EACH_TIME.includes(name)) &&
    !args.some((arg) => CODE.test(arg));
  return shares ? callResident({ args, cwd, env: { ...process.env, ...env }, most }) : runAlone(args, options);
}

function runAlone(
  args: readonly string[],
  { cwd, env = {}, interrupt, most = 60 }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, timeout: most * 1000, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(process.execPath, [COMMAND, ...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve({ code: 0, stdout, stderr });
      if (typeof error.code === 'number') return resolve({ code: error.code, stdout, stderr });
      resolve({ code: -1, stdout, stderr: `${stderr}(ended by ${error.signal ?? error.message})` });
    });
    if (interrupt === undefined) return;
    let text = '';
    child.stderr?.on('data', (piece: string) => {
      if (interrupt.at.test(text)) return;
      text += piece;
      if (interrupt.at.test(text)) child.kill(interrupt.signal);
    });
  });
}

/** A new empty folder, removed after the tests of the file that asks for it. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lowformer-test-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A new folder inside another. */
export function folderIn(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Every file below a folder, sorted: temporary and hidden ones, too. */
export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
