import { extname } from 'node:path';

/** A program of this project, for a process. */
export interface OwnProgram {
  readonly program: URL;
  readonly execArgv?: string[];
}

/**
 * A process is a program of its own: whatever loader made this module run does not reach into it. Built code starts built
 * code; from TypeScript sources (the tests) the program gets the loader that the project ships for `.ts` configs.
 * @param built the file as it is once built, with the ending `.js`.
 */
export function ownProgram(built: URL): OwnProgram {
  const extension = extname(new URL(import.meta.url).pathname);
  const program = new URL(built.href.replace(/\.js$/, extension));
  return extension === '.ts' ? { program, execArgv: ['--import', import.meta.resolve('jiti/register')] } : { program };
}

/** As text for a `data:` address: a program that is named `.js` and is there as `.ts` alone. */
const SOURCES = `import { register } from 'node:module';
const hooks = "export const resolve = (name, context, next) => " +
  "Promise.resolve(next(name, context)).catch((error) => name.endsWith('.js') ? next(name.slice(0, -2) + 'ts', context) : Promise.reject(error));";
register('data:text/javascript,' + encodeURIComponent(hooks));`;

/** What a thread needs beside its program: nothing, but from TypeScript sources their loader. */
export function sourceLoader(): { readonly execArgv?: string[] } {
  // Bundlers leave it undefined in CommonJS.
  const own: string | undefined = import.meta.url;
  if (own?.endsWith('.ts') !== true) return {};
  const loaders = [import.meta.resolve('jiti/register'), `data:text/javascript,${encodeURIComponent(SOURCES)}`];
  return { execArgv: loaders.flatMap((loader) => ['--import', loader]) };
}
