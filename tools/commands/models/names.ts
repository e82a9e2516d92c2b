import { type PublishedModel, publishedModel, publishedModels } from '../../../configs/zoo/index.js';
import { LowformerError, nearestName } from '../../../core/errors.js';

/** The published model of that name. @throws {LowformerError} `invalid-argument`, with the nearest name, where there is none. */
export function namedModel(name: string): PublishedModel {
  const model = publishedModel(name);
  if (model !== undefined) return model;
  const names = publishedModels.map((other) => other.name);
  const near = nearestName(name, names);
  throw new LowformerError({
    code: 'invalid-argument',
    where: 'NAME',
    expected: 'the name of a published model',
    received: name,
    hint: near === undefined ? "'lowformer models' lists them." : `Did you mean '${near}'?`,
  });
}
