import { extname } from 'node:path';

/** A program of this project, for a thread or a process. */
export interface OwnProgram {
  readonly program: URL;
  readonly execArgv?: string[];
}

/**
 * A thread or a process is a program of its own: whatever loader made this module run does not reach into it. Built code
 * starts built code; from TypeScript sources (the tests) the program gets the loader that the project ships for `.ts`
 * configs.
 * @param built the file as it is once built, with the ending `.js`.
 */
export function ownProgram(built: URL): OwnProgram {
  const extension = extname(new URL(import.meta.url).pathname);
  const program = new URL(built.href.replace(/\.js$/, extension));
  return extension === '.ts' ? { program, execArgv: ['--import', import.meta.resolve('jiti/register')] } : { program };
}
