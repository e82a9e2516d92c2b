/** Files that hold secrets: read only where nobody else of the machine can read them. */
import { LowformerError } from '../core/errors.js';
import { type FileTerms, openRegularFile, readRegularFile } from './regular_file.js';

/** Who besides its owner may be let in: a private key is often its group's, so that a server need not be root. */
export type Confidants = 'nobody' | 'group';

const FORBIDDEN: Readonly<
  Record<Confidants, { readonly bits: number; readonly readers: string; readonly way: string }>
> = {
  nobody: { bits: 0o077, readers: 'its owner', way: '600' },
  group: { bits: 0o007, readers: 'its owner and group', way: 'o=' },
};

const MOST_BYTES = 2 ** 20;

/**
 * The text of a file of at most 1 MiB. Windows keeps who may read a file elsewhere: there it is not looked at.
 * @throws {LowformerError} `unreadable-file` where others may read or write it, with the command that mends it; as
 *   `readRegularFile`.
 */
export async function readPrivateFile(path: string, confidants: Confidants, terms: FileTerms): Promise<string> {
  const { bits, readers, way } = FORBIDDEN[confidants];
  const file = await openRegularFile(path, terms);
  const { mode } = await file.stat().finally(() => file.close());
  if (process.platform !== 'win32' && (mode & bits) !== 0) {
    throw new LowformerError({
      code: 'unreadable-file',
      where: path,
      expected: `${terms.expected} that only ${readers} can read or write`,
      received: `mode ${(mode & 0o777).toString(8).padStart(3, '0')}`,
      hint: `Run: chmod ${way} ${path}`,
    });
  }
  return Buffer.from(await readRegularFile(path, terms, MOST_BYTES)).toString('utf8');
}
