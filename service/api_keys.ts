/**
 * The keys by which requests are admitted: `KEY` or `NAME KEY` a line, blank lines and lines that begin with # aside. No message
 * has a key in it, nor a name: where the two are swapped, the name is the key.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { LowformerError } from '../core/errors.js';
import { readPrivateFile } from '../files/private_file.js';

/** A key is kept as its SHA-256: 32 bytes, whatever its length. */
export interface ApiKey {
  /** What the log calls it, where its line has one. */
  readonly name?: string;
  readonly digest: Buffer;
}

/** Names are shorter than keys, so that neither can be taken for the other. */
const SHORTEST = 16;
/** What may follow `Bearer` in a header: RFC 6750, 2.1. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

const MAKE = `node -p "crypto.randomBytes(32).toString('base64url')" makes one.`;

/**
 * @throws {LowformerError} for a file that others can read, one without a key, and a line that is none, by its number.
 */
export async function readApiKeys(path: string): Promise<readonly ApiKey[]> {
  return parseApiKeys(await readPrivateFile(path, 'nobody', { expected: 'a file of API keys' }), path);
}

/**
 * @param text lines; a comma ends one, too, for variables of the environment.
 * @param where what messages call the text.
 * @throws {LowformerError} `invalid-argument` for text without a key, and for a line that is none.
 */
export function parseApiKeys(text: string, where: string): readonly ApiKey[] {
  const keys: ApiKey[] = [];
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const [i, line] of lines.entries()) {
    if (line.trim().startsWith('#')) continue;
    for (const entry of line.split(',')) {
      const words = entry.trim().split(/\s+/);
      if (words.length === 1 && words[0] === '') continue;
      keys.push(parsed(words, keys, lines.length === 1 ? where : `${where}, line ${i + 1}`));
    }
  }
  if (keys.length > 0) return keys;
  throw mistake(where, 'at least one key: a line each', MAKE);
}

function parsed(words: readonly string[], before: readonly ApiKey[], where: string): ApiKey {
  const key = words.at(-1) ?? '';
  const name = words.length === 1 ? undefined : words[0];
  if (words.length > 2)
    throw mistake(where, 'KEY or NAME KEY', 'A comment has a line of its own, which begins with #.');
  if (key.length < SHORTEST) throw mistake(where, `a key of ${SHORTEST} characters or more`, MAKE);
  if (!TOKEN.test(key)) throw mistake(where, "a key of letters, digits and '-._~+/', with '=' at its end alone", MAKE);
  if (name !== undefined && (!NAME.test(name) || name.length >= SHORTEST)) {
    throw mistake(where, `before the key a name of letters, digits, '.', '_' and '-', ${SHORTEST - 1} at most`);
  }
  const digest = digestOf(key);
  if (before.some((other) => other.digest.equals(digest))) throw mistake(where, 'a key that no other line has');
  if (name === undefined) return { digest };
  if (before.some((other) => other.name === name)) throw mistake(where, 'a name that no other line has');
  return { name, digest };
}

/**
 * The key of these that was presented. How long it takes tells nothing: digests are compared, each of them, to their ends.
 */
export function findApiKey(keys: readonly ApiKey[], presented: string): ApiKey | undefined {
  const digest = digestOf(presented);
  let found: ApiKey | undefined;
  for (const key of keys) if (timingSafeEqual(key.digest, digest)) found = key;
  return found;
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function mistake(where: string, expected: string, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}
