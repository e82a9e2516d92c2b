/** What goes between a page and its worker, whatever the work is. */
export interface Asked<Request> {
  readonly id: number;
  readonly request: Request;
}

/** `progress` may come any number of times before the end of a call. */
export type Told<Answer, Progress> =
  | { readonly id: number; readonly kind: 'progress'; readonly progress: Progress }
  | { readonly id: number; readonly kind: 'answer'; readonly answer: Answer }
  | { readonly id: number; readonly kind: 'failure'; readonly failure: Failure };

export interface Failure {
  readonly message: string;
  /** Of what was given, and said in words; anything else is a fault of the page. */
  readonly mistake: boolean;
}
