/** Trained models by name: the same as their two files, in the library and at the command line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import { loadClassifier, loadDetector, loadModel } from '../../models/load_model.js';
import { openConfig } from '../../models/open_config.js';
import { SHIPPED_MODELS } from '../../models/shipped_models.js';
import { lowformer, temporaryFolder } from '../tools/command_line.js';
import { ROOT } from '../workspace.js';

const picture = join(ROOT, 'assets/blood_cells.jpg');

test('no shipped config has the name of a model', () => {
  expect(Object.keys(SHIPPED_MODELS).filter((name) => Object.hasOwn(SHIPPED_CONFIGS, name))).toEqual([]);
});

describe.each(Object.entries(SHIPPED_MODELS))('%s', (name, { config, checkpoint }) => {
  test('is its two files', async () => {
    const { config: opened, checkpoint: weights } = await openConfig(name);
    const { load_from, ...rest } = opened.value;
    expect(rest).toEqual(JSON.parse(readFileSync(join(ROOT, 'assets', config), 'utf8')));
    expect([load_from, weights]).toEqual([join(ROOT, 'assets', checkpoint), join(ROOT, 'assets', checkpoint)]);
  });

  test('takes changes, and other weights', async () => {
    const changed = await openConfig(name, ['load_from=mine.pth', 'model.backbone.drop_path_rate=0.25']);
    expect(changed.checkpoint).toBe('mine.pth');
    expect(changed.config.value).toMatchObject({ model: { backbone: { drop_path_rate: 0.25 } } });
    await expect(loadModel(name, { checkpoint: 'mine.pth' })).rejects.toThrow('mine.pth: expected');
  });
});

test('blood-cells finds what its config and checkpoint find', async () => {
  await using named = await loadDetector('blood-cells');
  await using files = await loadDetector(join(ROOT, 'assets/blood_cells.json'), {
    checkpoint: join(ROOT, 'assets/blood_cells.safetensors'),
  });
  const found = await named.predict(picture);
  expect(found.detections.length).toBeGreaterThan(15);
  expect(found).toEqual(await files.predict(picture));
});

test('it is a detector', async () => {
  await expect(loadClassifier('blood-cells')).rejects.toThrow(
    "model.type: expected a model for classification but received 'RetinaNet'",
  );
});

test.each(['blood-cell', 'blood_cells', 'Blood-Cells'])('%s is nearly its name', async (name) => {
  await expect(loadDetector(name)).rejects.toThrow("Did you mean 'blood-cells'?");
});

describe('at the command line', () => {
  const cwd = temporaryFolder();
  test('detect', async () => {
    const args = ['detect', 'blood-cells', picture, '--score-thr', '0.86', '--quiet'];
    const { code, stdout, stderr } = await lowformer(args, { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [{ detections }] = JSON.parse(stdout);
    expect(detections.length).toBeGreaterThan(8);
  });
  test('config print says where it comes from', async () => {
    const { code, stdout } = await lowformer(['config', 'print', 'blood-cells'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/load_from: .*blood_cells\.safetensors.* +# blood-cells\n/);
    expect(stdout).toMatch(/num_classes: 3 +# .*blood_cells\.json\n/);
  });
});
