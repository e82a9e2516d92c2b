import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../../configs/index.js';
import { lowformer, temporaryFolder } from '../command_line.js';
import { detector } from '../tiny_models.js';

const cwd = temporaryFolder();

beforeAll(() => {
  writeFileSync(join(cwd, 'base.json'), JSON.stringify(detector));
  writeFileSync(join(cwd, 'few.yaml'), '_base_: base.json\nmodel:\n  test_cfg:\n    max_per_img: 5\n');
  mkdirSync(join(cwd, 'configs'));
  const text =
    "const config = { _base_: '../few.yaml', model: { test_cfg: { score_thr: 0.25 } } };\nexport default config;\n";
  writeFileSync(join(cwd, 'configs', 'mine.ts'), text);
});

describe('lowformer config', () => {
  test('list names what is shipped, one a line; JSON, too', async () => {
    const { code, stdout, stderr } = await lowformer(['config', 'list'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const names = stdout.trimEnd().split('\n');
    expect(names).toEqual(Object.keys(SHIPPED_CONFIGS));
    for (const backbone of ['b0', 'b1', 'b15', 'b2', 'b3', 'e1', 'e2', 'e3']) {
      expect(names).toContain(`retinanet_lowformer-${backbone}_fpn_1x_coco`);
      expect(names).toContain(`sem-fpn_lowformer-${backbone}_40k_ade20k-512x512`);
      expect(names).toContain(`lowformer-${backbone}_in1k`);
    }
    expect(JSON.parse((await lowformer(['config', 'list', '--json', '-', '--quiet'], { cwd })).stdout)).toEqual(names);
  });

  test('print tells where each value was set', async () => {
    const args = ['config', 'print', 'configs/mine.ts', '--cfg-options', 'model.test_cfg.nms.iou_threshold=0.7'];
    const { code, stdout, stderr } = await lowformer(args, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n').map((line) => line.trim().replace(/ +#/, ' #'));
    expect(lines).toContain('max_per_img: 5 # few.yaml');
    expect(lines).toContain('score_thr: 0.25 # configs/mine.ts');
    expect(lines).toContain('iou_threshold: 0.7 # --cfg-options');
    expect(lines).toContain('nms_pre: 200 # base.json');
    expect(lines).toContain('out_indices: [0, 1, 2, 3] # default');
  });

  test('print --json gives a config again', async () => {
    const first = await lowformer(['config', 'print', 'configs/mine.ts', '--json', 'whole.json'], { cwd });
    expect(first).toEqual({ code: 0, stdout: '', stderr: '' });
    const whole = JSON.parse(readFileSync(join(cwd, 'whole.json'), 'utf8'));
    expect(whole.model.test_cfg).toMatchObject({ max_per_img: 5, score_thr: 0.25, nms_pre: 200 });
    const again = await lowformer(['config', 'print', 'whole.json', '--json', '-'], { cwd });
    expect(JSON.parse(again.stdout)).toEqual(whole);
  });
});
