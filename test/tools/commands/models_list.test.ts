import { describe, expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../../configs/index.js';
import { publishedModels } from '../../../configs/zoo/index.js';
import { lowformer, temporaryFolder } from '../command_line.js';

const cwd = temporaryFolder();

describe('lowformer models', () => {
  test('lists the published models, one a line under a heading', async () => {
    const { code, stdout, stderr } = await lowformer(['models'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(publishedModels.length + 2);
    expect(lines[0]?.split(/ {2,}/)).toEqual([
      'name',
      'task',
      'backbone',
      'data set',
      'accuracy',
      'parameters',
      'licence',
      'sha256',
      'address',
    ]);
    const line = lines.find((one) => one.startsWith('retinanet_r50_fpn_1x_coco '));
    expect(line?.split(/ {2,}/)).toEqual([
      'retinanet_r50_fpn_1x_coco',
      'detection',
      'ResNet-50',
      'COCO',
      '36.5 box AP',
      '38.0 M',
      'Apache-2.0',
      'c2398f9e',
      'https://download.openmmlab.com/mmdetection/v2.0/retinanet/retinanet_r50_fpn_1x_coco/retinanet_r50_fpn_1x_coco_20200130-c2398f9e.pth',
    ]);
    expect((await lowformer(['models', 'list'], { cwd })).stdout).toBe(stdout);
  });

  test.each(['detection', 'segmentation'])(
    '--task %s gives those of one task, --json all that is known',
    async (task) => {
      const { code, stdout } = await lowformer(['models', '--task', task, '--json', '-'], { cwd });
      expect(code).toBe(0);
      const models = publishedModels.filter((model) => model.task === task);
      expect(models.length).toBeGreaterThan(10);
      expect(JSON.parse(stdout)).toEqual(models);
    },
  );

  test('another task, and a name that is no command, are refused', async () => {
    const task = await lowformer(['models', '--task', 'pose'], { cwd });
    expect([task.code, task.stdout]).toEqual([2, '']);
    expect(task.stderr).toContain('Allowed choices are detection, segmentation.');
    const name = await lowformer(['models', 'ftech', 'retinanet_r50_fpn_1x_coco'], { cwd });
    expect([name.code, name.stdout]).toEqual([2, '']);
    expect(name.stderr).toContain(
      "models: expected one of its commands, list, fetch, rm but received 'ftech'. Did you mean 'fetch'?",
    );
  });

  test('the config of each is shipped', () => {
    const shipped = Object.keys(SHIPPED_CONFIGS);
    expect(publishedModels.map(({ name }) => name).filter((name) => !shipped.includes(name))).toEqual([]);
  });
});
