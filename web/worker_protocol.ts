/** What goes between a page and its worker, whatever the work is. */
import type { ErrorParts } from '../core/errors.js';

export interface Asked<Request> {
  readonly id: number;
  readonly request: Request;
}

/** `ready` comes once, before all else; `progress` any number of times before the end of a call. */
export type Told<Answer, Progress> =
  | { readonly kind: 'ready' }
  | { readonly id: number; readonly kind: 'progress'; readonly progress: Progress }
  | { readonly id: number; readonly kind: 'answer'; readonly answer: Answer }
  | { readonly id: number; readonly kind: 'failure'; readonly failure: Failure };

export type Failure =
  /** Of what was given, and said in words: a `LowformerError` again on the page's side. */
  | { readonly kind: 'mistake'; readonly parts: ErrorParts }
  /** Of the program. */
  | { readonly kind: 'fault'; readonly message: string };
