/** Every model that the tables allow, every form of a module under every other, is sound as a graph. */
import { describe, test } from 'vitest';
import { BACKBONE_CONFIGS, modelsOf } from './sample_configs.js';
import { expectSoundModel } from './sound_model.js';

describe.each(modelsOf(BACKBONE_CONFIGS))('$title', ({ model }) => {
  test('builds, verifies, counts and names its parameters', () => expectSoundModel(model));
});
