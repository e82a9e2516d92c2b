/** Who is let in where the server has keys: whoever presents one, as RFC 6750 has it. */
import { type ApiKey, findApiKey } from './api_keys.js';
import { PAGE_URLS } from './page_files.js';
import { RequestError } from './request_error.js';

/**
 * What needs no key: whether the server is well, for whoever watches it, and the page, on which a key can be given. Nothing of the
 * models is in either.
 */
const OPEN = new Set(['/healthz', '/readyz', '/v2/health/live', '/v2/health/ready', ...PAGE_URLS]);

/** Whether a route is answered without a key; `undefined` is a path that there is not. */
export function isOpen(route: string | undefined): boolean {
  return route !== undefined && OPEN.has(route);
}

const CHALLENGE = 'Bearer realm="lowformer"';

/**
 * @param authorization the header.
 * @throws {RequestError} 401, which says neither what was presented nor how it differs.
 */
export function authenticate(keys: readonly ApiKey[], authorization: string | undefined): ApiKey {
  const [, presented] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (presented === undefined) {
    const hint = "With curl: --header 'authorization: Bearer KEY'.";
    throw refused('no-key', 'a key of this server, as Bearer KEY', CHALLENGE, hint);
  }
  const key = findApiKey(keys, presented);
  if (key === undefined) throw refused('wrong-key', 'a key of this server', `${CHALLENGE}, error="invalid_token"`);
  return key;
}

function refused(code: 'no-key' | 'wrong-key', expected: string, challenge: string, hint?: string): RequestError {
  const headers = { 'www-authenticate': challenge };
  const parts = { status: 401, code, where: 'authorization', expected, headers } as const;
  return new RequestError(hint === undefined ? parts : { ...parts, hint });
}
