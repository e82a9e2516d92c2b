import { execFile } from 'node:child_process';
import { ROOT } from './workspace.js';

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; a failure is a result like any other. @param input what comes on its stdin. */
export function run(program: string, args: readonly string[], cwd: string, input?: Uint8Array): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
    // One that ends before it has read everything is judged by how it ends.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** The project's compiler on a tsconfig; its complaints, empty when there are none. */
export async function compile(tsconfig: string): Promise<string> {
  const tsc = `${ROOT}node_modules/typescript/bin/tsc`;
  const { stdout, stderr } = await run(process.execPath, [tsc, '-p', tsconfig], ROOT);
  return stdout + stderr;
}
