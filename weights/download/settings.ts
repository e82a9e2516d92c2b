/** What the environment says of downloads. */
import { LowformerError } from '../../core/errors.js';
import { type CheckpointAddress, checkProtection } from './address.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Bytes of a file; the largest of OpenMMLab's checkpoints have one and a half. */
const MOST_GB = 4;

/** `LOWFORMER_OFFLINE`: anything but nothing, 0, no and false. */
export function isOffline({ LOWFORMER_OFFLINE: value = '' }: Environment = process.env): boolean {
  return !['', '0', 'no', 'false', 'off'].includes(value.toLowerCase());
}

/** `LOWFORMER_MAX_DOWNLOAD`, in GB; 4 unless told otherwise. @returns bytes. @throws {LowformerError} `invalid-argument`. */
export function mostBytes({ LOWFORMER_MAX_DOWNLOAD: value = '' }: Environment = process.env): number {
  const gigabytes = value === '' ? MOST_GB : Number(value);
  if (gigabytes > 0) return gigabytes * 1e9;
  const expected = 'a number of GB above 0';
  throw new LowformerError({ code: 'invalid-argument', where: 'LOWFORMER_MAX_DOWNLOAD', expected, received: value });
}

/**
 * Where to ask for a published file: at its own address, or at that path below `LOWFORMER_MIRROR`. It is the same file:
 * in the cache, and for its checksum.
 * @throws {LowformerError} `invalid-argument` for a mirror that is no address, or not protected.
 */
export function mirrored(
  address: CheckpointAddress,
  { LOWFORMER_MIRROR: base = '' }: Environment = process.env,
): string {
  if (base === '') return address.href;
  if (!URL.canParse(base)) {
    const expected = 'the address of a server with the published files: https://host/path';
    throw new LowformerError({ code: 'invalid-argument', where: 'LOWFORMER_MIRROR', expected, received: base });
  }
  const { pathname, search } = new URL(address.href);
  const url = new URL(base.replace(/\/+$/, '') + pathname + search);
  checkProtection(url, address.checksum);
  return url.href;
}
