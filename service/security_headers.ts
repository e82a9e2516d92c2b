/** What OWASP's list of secure headers asks of every answer, and who may ask at all. */
import { RequestError } from './request_error.js';

/** https://owasp.org/www-project-secure-headers: answers are data, which no page frames, guesses about or keeps. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
};

/**
 * Those of a server that speaks TLS: browsers shall speak nothing else with it for a year. Not of one that listens on this machine
 * alone: it would count for all that `localhost` is the name of, whatever the port.
 */
export function securityHeaders(speaksTls: boolean, ownNamesAlone: boolean): Readonly<Record<string, string>> {
  if (!speaksTls || ownNamesAlone) return SECURITY_HEADERS;
  return { ...SECURITY_HEADERS, 'strict-transport-security': 'max-age=31536000' };
}

/** Whether an address that is listened on can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * A server that listens on this machine alone answers to its own names alone: a page that a browser has open could
 * otherwise give this address a name of its own, and read what is answered.
 * @throws {RequestError}
 */
export function checkHost(given: string | undefined): void {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:]*))(?::\d+)?$/.exec(given ?? '') ?? [];
  const host = (bracketed ?? plain ?? '').toLowerCase();
  if (isLoopback(host)) return;
  throw new RequestError({
    status: 403,
    code: 'wrong-host',
    where: 'host',
    expected: 'localhost, 127.0.0.1 or [::1]: the server listens on this machine alone',
    received: given ?? '',
    hint: 'To be reached by another name it is started with --host ADDRESS.',
  });
}
