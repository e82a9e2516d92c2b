import type { LowformerError } from '../core/errors.js';
import type { Note } from '../core/notes.js';
import type { Result } from '../core/results.js';
import type { LoadedModel } from '../models/load_model.js';
import type { PredictManyOptions } from '../models/predict_options.js';

/** What came of a picture's file, wherever it was run. */
export type FileOutcome<R extends Result> =
  | {
      readonly ok: true;
      readonly index: number;
      readonly source: string;
      readonly result: R;
      readonly notes: readonly Note[];
    }
  | { readonly ok: false; readonly index: number; readonly source: string; readonly error: LowformerError };

export interface FileRun {
  readonly batchSize: number;
  readonly signal: AbortSignal;
  /** A picture's result is near: what it is held against can be read meanwhile. */
  readonly begin?: (index: number) => void;
}

/** What runs a network over files: a model in this process, or workers elsewhere. */
export interface PictureRunner<R extends Result> extends AsyncDisposable {
  /** An outcome for each file, in their order. @throws what is no fault of a single picture. */
  run(files: readonly string[], options: FileRun): AsyncIterable<FileOutcome<R>>;
  /** A few words on who does it, for lines of progress. */
  readonly said?: () => string;
}

/** How a picture is gone over, and how large it may be. */
export type PictureOptions = Pick<PredictManyOptions, 'slices' | 'maxPixels'>;

/** A model in this process; disposing of it disposes of the model. */
export function modelRunner<R extends Result>(model: LoadedModel<R>, how: PictureOptions = {}): PictureRunner<R> {
  return {
    run(files, { batchSize, signal, begin }) {
      function* sources() {
        for (const [index, file] of files.entries()) {
          begin?.(index);
          yield file;
        }
      }
      return model.predictMany(sources(), { ...how, batchSize, signal });
    },
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  };
}
