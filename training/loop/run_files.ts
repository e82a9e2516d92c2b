/** What a run writes of itself, and whether all that was done is written. */
import { basename } from 'node:path';
import type { TrainingEvent } from '../events.js';
import type { ModelFacts } from '../folder/model_file.js';
import type { RunState } from '../folder/run_state.js';
import { unfitting } from '../saved_state.js';
import { changedConfig } from './changed_config.js';
import type { LoopSetup } from './loop_setup.js';
import type { RunParts } from './run_parts.js';
import type { RunPosition } from './run_position.js';

export interface RunFiles {
  /** Whether something was done that `last.safetensors` and `resume.safetensors` do not have. */
  isUnwritten: boolean;
  /** Everything that is needed to go on, the model, and a numbered checkpoint where the recipe keeps some. */
  writeLast(): Promise<readonly TrainingEvent[]>;
  writeBest(): Promise<readonly TrainingEvent[]>;
}

const POSITION = 'position';

/** Of a run as it is at each call. */
export function createRunFiles(setup: LoopSetup, parts: RunParts, position: RunPosition): RunFiles {
  const { folder, facts, recipe, seed } = setup;
  const written = (which: 'last' | 'best' | 'numbered', path: string): TrainingEvent => ({
    kind: 'checkpoint',
    ...position.at,
    which,
    path,
  });
  const modelFacts = (): ModelFacts => ({ ...facts, ...position.done, metrics: position.metrics });
  const state = (): RunState => ({
    ...position.done,
    seed,
    config: JSON.stringify(facts.config),
    parts: { ...parts.states(), [POSITION]: position.state() },
  });
  const files: RunFiles = {
    isUnwritten: false,
    async writeLast() {
      await folder.writeLast(parts.model, modelFacts(), state());
      files.isUnwritten = false;
      // Before a validation that is still to be made, a numbered checkpoint would not have its metrics.
      const keep =
        position.validationDue || !position.isCheckpointDue(recipe.checkpoints) ? 0 : recipe.checkpoints.keep;
      const unit = recipe.checkpoints.every?.unit ?? recipe.loop.unit;
      const numbered = await folder.writeNumbered(unit, keep, parts.model, modelFacts());
      return [written('last', folder.files.last), ...(numbered === undefined ? [] : [written('numbered', numbered)])];
    },
    async writeBest() {
      await folder.writeBest(parts.model, modelFacts());
      return [written('best', folder.files.best)];
    },
  };
  return files;
}

/**
 * Has a run go on where the one in its folder was.
 * @returns what is to be said of that.
 * @throws {LowformerError} `unreadable-checkpoint` for a state of another network or recipe.
 */
export function resumeRun({ folder, facts }: LoopSetup, parts: RunParts, position: RunPosition) {
  const { resumed } = folder;
  if (resumed === undefined) return [];
  const place = resumed.parts[POSITION];
  if (place === undefined) throw unfitting(basename(folder.files.resume), 'where the run was', 'nothing of it');
  parts.restore(resumed.parts);
  position.restore(resumed, place);
  return [changedConfig(resumed.config, facts.config, folder.folder)].filter((note) => note !== undefined);
}
