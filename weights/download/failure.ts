/** Why a download failed: for good, as a message, or for now, so that it is tried again. */
import { LowformerError } from '../../core/errors.js';

/** What ends a download. @param reason and what to do: whole sentences. */
export function failed(where: string, expected: string, reason: string, cause?: unknown): LowformerError {
  return new LowformerError({ code: 'failed-download', where, expected, hint: reason, cause });
}

/** What another try may get over: a connection that was cut, a server that is busy. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** Milliseconds that the server wants to be left alone. */
  readonly wait: number | undefined;
  /** Whether there was no way to the server: then a first try was as good as any. */
  readonly unreachable: boolean;

  /** @param message a clause without an end: `the connection was cut`. */
  constructor(message: string, options: { readonly wait?: number | undefined; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.wait = options.wait;
    this.unreachable = [...codesOf(options.cause)].some((code) => UNREACHABLE.has(code) || isUntrusted(code));
  }
}

const UNREACHABLE = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH']);

/** TLS: of a certificate. */
function isUntrusted(code: string): boolean {
  return code.includes('CERT') || code.includes('SIGNATURE');
}

/** Of the system, TLS and undici, as clauses. */
const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of that name, or no network',
  EAI_AGAIN: 'the name of the host cannot be looked up: there is no network',
  ECONNREFUSED: 'nothing answers at that host and port',
  ENETUNREACH: 'there is no network',
  EHOSTUNREACH: 'no way leads to that host',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'nothing answered in time',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'nothing answered in time',
  UND_ERR_HEADERS_TIMEOUT: 'the server did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'the server stopped sending',
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host",
};

/** What an error of a connection means: a clause without an end. */
export function connectionReason(error: unknown): string {
  for (const code of codesOf(error)) {
    const reason = REASONS[code];
    if (reason !== undefined) return reason;
    if (isUntrusted(code)) {
      return "the server's certificate is not of an authority that this machine trusts (of a firm's own authority NODE_EXTRA_CA_CERTS names the file)";
    }
  }
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}

/** An error's own code, and those of what caused it: of several addresses of a host each has one. */
function* codesOf(error: unknown): Generator<string> {
  if (!(error instanceof Error)) return;
  if ('code' in error && typeof error.code === 'string') yield error.code;
  yield* codesOf(error.cause);
  if (error instanceof AggregateError) for (const inner of error.errors) yield* codesOf(inner);
}
