/** What is told of a server that answers. */
export interface Told {
  readonly address: string;
  readonly models: readonly { readonly name: string; readonly task: string }[];
}

/** What is said when it is told to end. */
export const ENDING = 'what was accepted is finished, and nothing more is taken; once more ends at once';
