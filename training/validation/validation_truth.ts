/** What the two tasks have in common for validating. */
import type { Notes } from '../../core/notes.js';
import type { Result } from '../../core/results.js';

/** How one task's pictures are held against what the network makes of them. */
export interface ValidationTruth {
  readonly files: readonly string[];
  /** For one validation. */
  begin(notes: Notes): {
    /** The network is about to see the picture: what it is held against can be read meanwhile. */
    expect?(position: number): void;
    add(position: number, result: Result): void | Promise<void>;
    metrics(): Readonly<Record<string, number>>;
  };
}
