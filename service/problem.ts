/** Errors as RFC 9457 has them: `application/problem+json`, with where, expected, received and the way out as members. */
import { STATUS_CODES } from 'node:http';
import { type ErrorCode, LowformerError } from '../core/errors.js';
import { shown } from '../core/harmless.js';
import { PicturesError } from './pictures_error.js';
import { RequestError } from './request_error.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The body of an answer that is an error. */
export interface Problem {
  /** `urn:lowformer:problem:<code>`. */
  readonly type: string;
  /** What the status says in words. */
  readonly title: string;
  readonly status: number;
  /** One sentence for a person: `where: expected X but received V. What to do.` */
  readonly detail: string;
  readonly code: string;
  readonly where?: string;
  readonly expected?: string;
  /** As text, cut where it is long. */
  readonly received?: string;
  /** The way out. */
  readonly hint?: string;
  /** Of a request of several pictures: what is wrong with which. */
  readonly pictures?: readonly { readonly file: string; readonly code: string; readonly detail: string }[];
}

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether whoever runs the server is to look into it: nobody else is told what happened. */
  readonly isFault: boolean;
}

/** What is wrong with a picture is its sender's to know; what else may go wrong is not. */
const STATUS: Partial<Readonly<Record<ErrorCode, number>>> = {
  'unreadable-image': 422,
  'not-a-number': 422,
  'invalid-argument': 400,
  'too-many-calls': 429,
  disposed: 503,
  'out-of-memory': 503,
  'lost-device': 503,
};

/** The status of an error of the toolkit that a request met. */
export function statusOf(error: LowformerError): number {
  return STATUS[error.code] ?? 500;
}

/** Any error that a request ends with, as its answer. */
export function problemOf(error: unknown): ProblemAnswer {
  if (error instanceof PicturesError) {
    const { first, pictures } = error;
    const answer = problemOf(first);
    return { ...answer, problem: { ...answer.problem, detail: error.message, pictures } };
  }
  if (error instanceof RequestError) {
    const { status, code, headers = {}, ...parts } = error.parts;
    return { problem: problem(status, code, error.message, parts), headers, isFault: false };
  }
  if (error instanceof LowformerError) {
    const status = statusOf(error);
    if (status === 500) return fault();
    const headers: Record<string, string> = status === 503 || status === 429 ? { 'retry-after': '5' } : {};
    return { problem: problem(status, error.code, error.message, error.parts), headers, isFault: status === 503 };
  }
  return fault();
}

function fault(): ProblemAnswer {
  const detail = 'The server has failed. Its log says how.';
  return { problem: problem(500, 'fault', detail), headers: {}, isFault: true };
}

interface Told {
  readonly where?: string;
  readonly expected?: string;
  readonly received?: unknown;
  readonly hint?: string;
}

function problem(
  status: number,
  code: string,
  detail: string,
  { where, expected, received, hint }: Told = {},
): Problem {
  return {
    type: `urn:lowformer:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    ...(where === undefined ? {} : { where }),
    ...(expected === undefined ? {} : { expected }),
    ...(received === undefined ? {} : { received: shown(received) }),
    ...(hint === undefined ? {} : { hint }),
  };
}
