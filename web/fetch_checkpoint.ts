import { LowformerError } from '../core/errors.js';
import { type Checksum, checksumOf } from '../weights/download/checksum.js';
import { type FetchProgress, fetchFile } from './fetch_file.js';

/** Where browsers that keep files for a page keep these. */
const CACHE = 'lowformer-checkpoints';

/**
 * A checkpoint of a server. One whose SHA-256 is known, by its name or by what stands behind its address, is held to it,
 * and kept by the browser: an address with digits never has another file.
 * @param published the digits, where a table has them.
 * @throws {LowformerError} `unreadable-file` as `fetchFile`; `failed-download` for another file than the digits say;
 *   `invalid-argument` for what stands behind `#`.
 */
export async function fetchCheckpoint(
  address: string,
  published: Checksum | undefined,
  onProgress: (progress: FetchProgress) => void,
): Promise<Blob> {
  const url = new URL(address);
  const checksum = published ?? checksumOf(url.hash, url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
  url.hash = '';
  const expected = 'a checkpoint (.pth, .pt or .safetensors)';
  if (checksum === undefined) return fetchFile(url.href, expected, onProgress);
  const cache = await openCache();
  // The digits are part of what it is kept under: with others it is another file.
  const key = `${url.href}${url.search === '' ? '?' : '&'}sha256=${checksum}`;
  const kept = await cache?.match(key);
  if (kept !== undefined) return kept.blob();
  const file = await fetchFile(url.href, expected, onProgress);
  await check(url.href, file, checksum);
  // A browser that has no room for it fetches it again the next time.
  await cache?.put(key, new Response(file)).catch(() => {});
  return file;
}

/** undefined where the browser keeps nothing for the page: over plain http, in some private windows, outside browsers. */
async function openCache(): Promise<Cache | undefined> {
  if (typeof caches === 'undefined') return undefined;
  return caches.open(CACHE).catch(() => undefined);
}

async function check(where: string, file: Blob, checksum: Checksum): Promise<void> {
  // Over plain http browsers do not calculate it, and it would say little.
  if (crypto.subtle === undefined) return;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  const digits = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (digits.startsWith(checksum)) return;
  throw new LowformerError({
    code: 'failed-download',
    where,
    expected: `a file whose SHA-256 begins with ${checksum}`,
    received: digits.slice(0, Math.max(16, checksum.length)),
    hint: 'It is damaged or another file. Try again; if it stays so, the server has another file than was published.',
  });
}
