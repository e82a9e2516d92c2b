import { describe, expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import { lowformerScenes } from '../../configs/lowformer_scenes.js';
import { elements } from '../../core/tensor.js';
import { readConfig } from '../../models/open_config.js';
import { SCENE_CLASSES, SCENE_LABELS } from '../../scenes/shapes/index.js';
import { parseTrainingPipeline } from '../../steps/training/pipeline.js';
import { buildLosses } from '../../tasks/build_losses.js';
import { buildModel } from '../../tasks/build_model.js';
import { readTrainingRecipe } from '../../training/recipe/recipe.js';

const configs = Object.entries(lowformerScenes);

test('are shipped, and name what scenes show', () => {
  expect(SHIPPED_CONFIGS).toMatchObject(lowformerScenes);
  const [detector, segmentor] = configs.map(([, { metainfo }]) => metainfo.classes);
  expect(detector).toEqual(SCENE_CLASSES);
  expect(segmentor).toEqual(SCENE_LABELS);
});

test('in float16 both together have at most 10 MB', () => {
  const sizes = configs.map(([, { model }]) =>
    [...buildModel(model).graph.parameters.values()].reduce((sum, { shape }) => sum + 2 * elements(shape), 0),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(10e6);
});

describe.each(configs)('%s', (name, config) => {
  test('its recipe is read, and followed wholly', async () => {
    const recipe = readTrainingRecipe(await readConfig(name, []));
    expect(recipe.unfollowed).toEqual([]);
    expect(recipe.loop).toMatchObject({ unit: 'epochs', length: 8 });
    const { task } = buildModel(config.model);
    const steps = parseTrainingPipeline(config.train_pipeline, task, { path: 'train_pipeline' });
    expect(steps.map(({ type }) => type)).toContain('RandomFlip');
  });

  test('its losses are built', () => {
    const { losses } = buildLosses(buildModel(config.model), config.model);
    expect(losses.length).toBeGreaterThan(0);
  });
});
