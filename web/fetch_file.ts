import { LowformerError } from '../core/errors.js';

/**
 * A whole file of a server.
 * @param expected what it is, for messages.
 * @throws {LowformerError} `unreadable-file` where the server refuses or cannot be reached.
 */
export async function fetchFile(address: string, expected: string): Promise<Blob> {
  const found = await attempt(address, expected, 'default');
  if (found instanceof Blob) return found;
  // A browser's cache may fail a large file that it is about to keep (private windows have little room): then without it.
  const again = await attempt(address, expected, 'no-store');
  if (again instanceof Blob) return again;
  throw again;
}

async function attempt(where: string, expected: string, cache: RequestCache): Promise<Blob | LowformerError> {
  const unreadable = (received: string, hint: string) =>
    new LowformerError({ code: 'unreadable-file', where, expected, received, hint });
  try {
    const response = await fetch(where, { cache });
    if (response.ok) return await response.blob();
    return unreadable(`the answer ${response.status}`, 'The server has no such file, or does not hand it out.');
  } catch (cause) {
    return unreadable('no answer', cause instanceof Error ? `${cause.message}.` : String(cause));
  }
}
