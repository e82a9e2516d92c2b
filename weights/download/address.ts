/** Where a checkpoint lies on a server. No Node API. */
import { LowformerError } from '../../core/errors.js';
import { type Checksum, checksumOf, isWhole } from './checksum.js';

/** An address that may be fetched. */
export interface CheckpointAddress {
  /** What the server is asked for; without the checksum behind it. */
  readonly href: string;
  /** For messages and the cache's list: what stands behind `?` may be a secret. */
  readonly shown: string;
  /** The last part of its path, fit for any file system. */
  readonly fileName: string;
  readonly checksum: Checksum | undefined;
}

/** Whether a checkpoint is named by an address: a Windows path (`C:\…`) and `torchvision://…` are none. */
export function isAddress(checkpoint: string): boolean {
  return /^https?:\/\//i.test(checkpoint);
}

/**
 * @param given `https://…`, with `#sha256:…` behind it where the digits are known.
 * @param checksum what a table says of it, before what the address says.
 * @throws {LowformerError} `invalid-argument` for what is no such address, names a user or a password, or would come
 *   unprotected.
 */
export function checkpointAddress(given: string, checksum?: Checksum): CheckpointAddress {
  if (!URL.canParse(given)) throw refused(given, 'an address that can be read: https://host/path/model.pth,');
  const url = new URL(given);
  if (url.username !== '' || url.password !== '') {
    const hint = 'Download the file by other means, and give the file.';
    throw refused(shownAddress(url), 'an address without a user and password', hint);
  }
  const fileName = nameOf(url);
  const found = checksum ?? checksumOf(url.hash, fileName);
  url.hash = '';
  checkProtection(url, found);
  return { href: url.href, shown: shownAddress(url), fileName, checksum: found };
}

/**
 * Over plain http anyone on the way can put another file in the place of this one.
 * @throws {LowformerError} `invalid-argument` unless it is https, this machine, or held to all digits of its SHA-256.
 */
export function checkProtection(url: URL, checksum: Checksum | undefined): void {
  if (url.protocol === 'https:') return;
  if (url.protocol === 'http:' && (isThisMachine(url.hostname) || isWhole(checksum))) return;
  const hint = 'Over http the file could be changed on the way: write #sha256: and all 64 digits behind the address.';
  throw refused(shownAddress(url), 'an https: address', url.protocol === 'http:' ? hint : undefined);
}

/** Without what may be a secret. */
export function shownAddress({ origin, pathname, search }: URL): string {
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}

function isThisMachine(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(host);
}

function nameOf({ pathname }: URL): string {
  const last = decoded(pathname.slice(pathname.lastIndexOf('/') + 1));
  const plain = last
    .replace(/[^\w.+-]+/g, '_')
    .replace(/^[.]+|[.]+$/g, '')
    .slice(-120);
  return plain === '' ? 'checkpoint' : plain;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refused(where: string, expected: string, hint?: string): LowformerError {
  const more = hint === undefined ? {} : { hint };
  return new LowformerError({ code: 'invalid-argument', where, expected, ...more });
}
