/** Asking a server for a file: through the proxies of the environment, along redirects, with bounds on waiting. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { LowformerError } from '../../core/errors.js';
import { packageVersion } from '../../files/package_version.js';
import { type CheckpointAddress, checkProtection, shownAddress } from './address.js';
import { connectionReason, failed, Interrupted } from './failure.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it comes; not decompressed. */
  readonly body: Readable;
}

/** Milliseconds. */
export interface Patience {
  /** For a connection. */
  readonly connect: number;
  /** For an answer, and from one piece of the file to the next. */
  readonly silence: number;
}

export interface Connection extends AsyncDisposable {
  /** @throws {LowformerError} `failed-download`. @throws {Interrupted} @throws the signal's reason. */
  get(address: CheckpointAddress, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer>;
}

const MOST_REDIRECTS = 5;

/** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` count. @throws {LowformerError} `invalid-argument` for such that are no address. */
export async function openConnection({ connect, silence }: Patience): Promise<Connection> {
  const { EnvHttpProxyAgent, request } = await import('undici');
  const options = { connect: { timeout: connect }, headersTimeout: silence, bodyTimeout: silence };
  const dispatcher = proxied(() => new EnvHttpProxyAgent(options));
  const ask = async (url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> => {
    try {
      const { statusCode, headers: answered, body } = await request(url, { dispatcher, headers, signal });
      return { status: statusCode, headers: answered, body };
    } catch (cause) {
      signal.throwIfAborted();
      throw new Interrupted(connectionReason(cause), { cause });
    }
  };
  return {
    async get(address, headers, signal) {
      const all = { 'user-agent': `lowformer/${packageVersion()}`, 'accept-encoding': 'identity', ...headers };
      let url = new URL(address.href);
      const seen = new Set<string>();
      for (;;) {
        const answer = await ask(url, all, signal);
        const next = redirection(url, answer);
        if (next === undefined) return answer;
        answer.body.on('error', () => {}).destroy();
        seen.add(url.href);
        checkRedirection(address, url, next, seen);
        url = next;
      }
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

/** undefined where the answer is none. */
function redirection(from: URL, { status, headers: { location } }: Answer): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  return URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
}

function checkRedirection({ shown, checksum }: CheckpointAddress, from: URL, to: URL, seen: ReadonlySet<string>): void {
  const expected = 'a file to download';
  const target = shownAddress(to);
  if (seen.has(to.href)) throw failed(shown, expected, `The server sends one in a circle, back to ${target}.`);
  if (seen.size > MOST_REDIRECTS) {
    throw failed(shown, expected, `The server sends one on and on: ${seen.size} times, at last to ${target}.`);
  }
  const hint = 'Give the address of the file itself, if you trust it.';
  if (from.protocol === 'https:' && to.protocol !== 'https:') {
    throw failed(shown, expected, `The server sends one from https to ${target}, which is not protected. ${hint}`);
  }
  try {
    checkProtection(to, checksum);
  } catch (error) {
    if (!(error instanceof LowformerError)) throw error;
    throw failed(shown, expected, `The server sends one to ${target}, which is not protected. ${hint}`);
  }
}

function proxied<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (cause) {
    throw new LowformerError({
      code: 'invalid-argument',
      where: 'HTTPS_PROXY, HTTP_PROXY',
      expected: 'the address of a proxy: http://host:port',
      hint: connectionReason(cause),
      cause,
    });
  }
}
