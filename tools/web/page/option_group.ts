/** Choices of a select, under a heading or without one. */
export interface OptionGroup {
  readonly label?: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
}
