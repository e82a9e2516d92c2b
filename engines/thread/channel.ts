/** What carries requests to whoever answers them: a thread of Node's, a browser's worker, or the calling thread. */
import type { ErrorParts } from '../../core/errors.js';

/** What is sent to whoever answers. */
export interface WorkerRequest<Request> {
  readonly request: Request;
  /**
   * 1 once nobody wants the answer any more: a request that has not begun is then answered without being run. Where
   * memory cannot be shared it stays 0 on the other side.
   */
  readonly withdrawn: Int32Array;
}

/** What comes back: an answer, or what went wrong in a form that can be cloned. */
export type WorkerReply<Answer> =
  | { readonly answer: Answer; readonly failure?: undefined }
  | { readonly answer?: undefined; readonly failure: ErrorParts };

/** Thrown by what answers: the parts of an error that reach the other side whole, where a cloned class would not. */
export class WorkerFailure extends Error {
  readonly parts: ErrorParts;

  constructor(parts: ErrorParts) {
    super(parts.expected);
    this.parts = parts;
  }
}

/** The near end. */
export interface Channel<Request> {
  /** @throws where the message cannot be cloned; nothing was sent then. */
  post(message: WorkerRequest<Request>, transfer: readonly ArrayBuffer[]): void;
  /** Whether the process is to stay alive for what was posted. */
  hold(wanted: boolean): void;
  /** Stops whoever answers, whatever it does. */
  terminate(): Promise<void>;
}

/** What a channel tells; nothing of it before `OpenChannel` has returned. */
export interface ChannelEvents<Answer> {
  /** One for each request, in their order. */
  onReply(reply: WorkerReply<Answer>): void;
  /** A reply came and could not be read. */
  onUnreadable(cause: unknown): void;
  /** Whoever answered has ended by itself. */
  onEnd(cause: unknown): void;
  /** Somebody else answers from now on, who has seen no request. */
  onReplaced(): void;
}

/** @param name what messages call the other end. */
export type OpenChannel<Request, Answer> = (name: string, events: ChannelEvents<Answer>) => Channel<Request>;
