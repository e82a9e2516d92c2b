/** What a training run is put together of before its first step. */
import type { Note } from '../../core/notes.js';
import type { ModelFacts } from '../folder/model_file.js';
import type { RunFolder } from '../folder/run_folder.js';
import type { TrainingLoader } from '../loading/loader.js';
import type { TrainingNetwork } from '../network/training_network.js';
import type { TrainingRecipe } from '../recipe/recipe.js';
import type { TrainingTime, Validate } from '../validation/validation.js';

/** What the loop needs of a network. */
export type SteppedNetwork = Pick<TrainingNetwork, 'parameters' | 'weights' | 'step'>;

export interface LoopSetup {
  readonly network: SteppedNetwork;
  readonly loader: TrainingLoader;
  readonly recipe: TrainingRecipe;
  /** Held by the caller, who lets go of it. Where it has a run that goes on, this one does. */
  readonly folder: RunFolder;
  /** What stands in the files of the model. */
  readonly facts: Pick<ModelFacts, 'config' | 'metaInfo'>;
  /** What chance decides follows from it. */
  readonly seed: number;
  readonly batchSize: number;
  /** Iterations of an epoch; of a sampler without end, as many as show each place of the data once. */
  readonly epochLength: number;
  /** Without it nothing is validated, and there is no best. */
  readonly validate?: Validate | undefined;
  /** Called after each validation and at the end, when everything is logged: for pages about the run. */
  readonly report?: ((at: TrainingTime) => Promise<void>) | undefined;
  /** What was noted before the first step. */
  readonly notes?: readonly Note[] | undefined;
  /** Aborting stops the run after its step, or within its validation, with everything written to go on. */
  readonly signal?: AbortSignal | undefined;
}
