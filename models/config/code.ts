/** Configs that are code: they run in this thread, since they may register modules of their own. */
import { LowformerError } from '../../core/errors.js';
import { notListening } from '../../files/interruption.js';
import { openRegularFile } from '../../files/regular_file.js';

/** Seconds that a config may wait for something. */
const LONGEST_WAIT = 60;

/**
 * `export default` or `export const config`. The code of the file runs; while it does, Ctrl-C ends the process at once,
 * for a loop that never ends leaves no other moment for it.
 * @param path absolute.
 * @param id its name in messages.
 * @throws {LowformerError} `unreadable-file` for code that does not parse, throws, or never comes to an end;
 *   `invalid-config` where it exports no config.
 */
export async function runConfig(path: string, id: string): Promise<unknown> {
  await (await openRegularFile(path, { expected: 'a config file', name: id })).close();
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, { fsCache: false, moduleCache: false, interopDefault: false });
  let exported: unknown;
  try {
    exported = await notListening(() => ended(jiti.import(path), id));
  } catch (error) {
    throw error instanceof LowformerError ? error : moduleError(error, path, id);
  }
  const exports = new Map<string, unknown>(Object.entries(typeof exported === 'object' ? (exported ?? {}) : {}));
  const name = ['default', 'config'].find((key) => exports.get(key) !== undefined);
  if (name !== undefined) return exports.get(name);
  const names = [...exports.keys()];
  const expected = `a default export or an export named 'config', but ${names.length === 0 ? 'there is no export' : `the exports are ${names.join(', ')}`}`;
  throw new LowformerError({ code: 'invalid-config', where: id, expected });
}

/** What the code gives in the end: that it waits for nothing shows when the process has nothing left to do. */
async function ended(running: Promise<unknown>, id: string): Promise<unknown> {
  const { promise: given, reject: giveUp } = withResolvers();
  const nothingLeft = () =>
    giveUp(endless(id, "a config that comes to an end, but it waits ('await') for what never comes"));
  const tooLong = () => giveUp(endless(id, `a config that comes to an end within ${LONGEST_WAIT} seconds`));
  process.once('beforeExit', nothingLeft);
  const timer = setTimeout(tooLong, LONGEST_WAIT * 1000);
  // It must not itself keep the process from having nothing left.
  timer.unref();
  try {
    return await Promise.race([running, given]);
  } finally {
    clearTimeout(timer);
    process.off('beforeExit', nothingLeft);
  }
}

function withResolvers(): { readonly promise: Promise<never>; readonly reject: (error: LowformerError) => void } {
  let reject: (error: LowformerError) => void = () => {};
  const promise = new Promise<never>((_, fail) => {
    reject = fail;
  });
  return { promise, reject: (error) => reject(error) };
}

function endless(where: string, expected: string): LowformerError {
  return new LowformerError({ code: 'unreadable-file', where, expected });
}

/** What running a config threw: the message alone, with the place where the code does not parse. */
function moduleError(error: unknown, path: string, id: string): LowformerError {
  const text = error instanceof Error ? error.message : String(error);
  const [, message = '', file = '', place = ''] = /^ParseError: (.*?)\s*\n\s*(.+?):(\d+:\d+)\s*$/s.exec(text) ?? [];
  const [where, expected] =
    place === ''
      ? [id, `a config that runs, but it threw: ${firstLine(text)}`]
      : [`${file === path ? id : file}:${place}`, `code that parses, but: ${firstLine(message)}`];
  return new LowformerError({ code: 'unreadable-file', where, expected, cause: error });
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.trim() ?? '';
}
