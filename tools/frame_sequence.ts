/** Frames of one sequence, one after another: what a command does with each result before it is written and drawn. */
import type { Result } from '../core/results.js';

export interface FrameSequence<R extends Result> {
  /** The pictures in the order of their frames. @throws {LowformerError} where they are not frames of one sequence. */
  order(files: readonly string[]): readonly string[];
  /** Whether it writes a file of its own: then it goes on where nobody reads its records any more. */
  readonly writes: boolean;
  /** Told before the first frame of a source without an end: what is written of the whole sequence then lies there as it comes. */
  begin(endless: boolean): void;
  /**
   * What is written and drawn of a frame, given in their order.
   * @param frame its number, from 1; it goes up by more than one where frames were left out or could not be read.
   * @throws {LowformerError} for a frame that cannot be of the same sequence.
   */
  follow(result: R, frame: number): Promise<R>;
  /** Completes what is written of the whole sequence. @returns lines that tell of it. */
  finish(): Promise<readonly string[]>;
}
