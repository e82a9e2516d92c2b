/** Whom a server says it is: a certificate and its private key, as files in PEM. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { LowformerError } from '../core/errors.js';
import { readPrivateFile } from '../files/private_file.js';
import { readRegularFile } from '../files/regular_file.js';

/** What a server needs for TLS. */
export interface Certificate {
  /** PEM: the server's own first, then those between it and one that clients know. */
  readonly cert: string;
  /** PEM, without a passphrase. */
  readonly key: string;
  /** The time in which clients accept it. */
  readonly from: Date;
  readonly until: Date;
}

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

const MOST_BYTES = 2 ** 20;

/**
 * Reads both, and sees whether they are a pair.
 * @throws {LowformerError} `unreadable-file` for a file that is none of the two, a key that others can read or that has a
 *   passphrase, and a key of another certificate.
 */
export async function readCertificate(files: CertificateFiles): Promise<Certificate> {
  const expected = 'a certificate (PEM)';
  const cert = Buffer.from(await readRegularFile(files.cert, { expected }, MOST_BYTES)).toString('utf8');
  const key = await readPrivateFile(files.key, 'group', { expected: 'a private key (PEM)' });
  const own = attempt(() => new X509Certificate(cert), files.cert, expected, 'It is none, or damaged.');
  if (isLocked(key)) {
    const hint = `To take it away: openssl pkey -in ${files.key} -out KEY`;
    throw unreadable(files.key, 'a private key without a passphrase', hint);
  }
  const secret = attempt(() => createPrivateKey(key), files.key, 'a private key (PEM)', 'It is none, or damaged.');
  if (!own.checkPrivateKey(secret)) {
    throw unreadable(files.key, `the private key of ${files.cert}`, 'It is that of another certificate.');
  }
  // Whatever else OpenSSL minds: a damaged certificate behind the first, a key that is too short.
  attempt(() => createSecureContext({ cert, key }), files.cert, 'a certificate that TLS can be spoken with');
  return { cert, key, from: new Date(own.validFrom), until: new Date(own.validTo) };
}

function isLocked(key: string): boolean {
  return /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(key);
}

/** What is odd about the time, as a sentence; undefined where clients accept it now. */
export function outOfTime({ from, until }: Certificate, now = new Date()): string | undefined {
  if (now < from) return `The certificate counts from ${from.toISOString()} on: clients will refuse it until then.`;
  if (now > until) return `The certificate has run out (${until.toISOString()}): clients will refuse it.`;
  return undefined;
}

function attempt<Made>(make: () => Made, where: string, expected: string, hint?: string): Made {
  try {
    return make();
  } catch (cause) {
    throw unreadable(where, expected, hint ?? `OpenSSL says: ${reasonOf(cause)}.`, cause);
  }
}

function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'reason' in error) return String(error.reason);
  return error instanceof Error ? error.message : String(error);
}

function unreadable(where: string, expected: string, hint: string, cause?: unknown): LowformerError {
  const parts = { code: 'unreadable-file', where, expected, hint } as const;
  return new LowformerError(cause === undefined ? parts : { ...parts, cause });
}
