import { LowformerError } from '../core/errors.js';
import type { TaskKind } from '../registry/define_task.js';
import type { Model } from '../tasks/model.js';

/** @throws {LowformerError} `invalid-config` where a model is for another task than the one that is wanted. */
export function requireTask(model: Pick<Model, 'task' | 'type'>, task: TaskKind): void {
  if (model.task === task) return;
  throw new LowformerError({
    code: 'invalid-config',
    where: 'model.type',
    expected: `a model for ${task}`,
    received: model.type,
    hint: `The config is for ${model.task}.`,
  });
}
