/** Starts the built command as a person does, and makes what it is given: a folder, pictures, a small network. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { checkBuild } from '../checked_build.js';
import { ROOT } from '../workspace.js';

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
  readonly interrupt?: { readonly signal: 'SIGINT' | 'SIGTERM'; readonly at: RegExp };
  /** Seconds after which it is ended; 60 by default. */
  readonly most?: number;
}

/** Runs `lowformer ARGUMENTS` to its end. */
export function lowformer(
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
