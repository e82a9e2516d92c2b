/** What the reading of one file knows at a place in it. */
import type { Budget } from './budget.js';
import type { PythonSource, SyntaxNode } from './syntax.js';
import type { PythonValue } from './values.js';

export interface Scope {
  readonly source: PythonSource;
  readonly budget: Budget;
  /** Variables of the file. */
  readonly names: Map<string, PythonValue>;
  /** Variables of the comprehensions around the place. */
  readonly local: ReadonlyMap<string, PythonValue>;
  /** Names of the file that its imports have given it, or those of its bases: no keys of the config. */
  readonly imported: Set<string>;
  /** Levels of the tree above the place. */
  readonly level: number;
  /** `{{ fileDirname }}` and its like, and `{{ $NAME:default }}`, filled in as text. */
  readonly filled: (text: string) => string;
}

/** Arguments of a call. */
export interface Arguments {
  /** The call itself, for messages. */
  readonly node: SyntaxNode;
  readonly values: readonly PythonValue[];
  readonly named: ReadonlyMap<string, PythonValue>;
}
