import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { applyOverrides } from '../../registry/config_overrides.js';
import { printConfig, printJson, withDefaults } from '../../registry/config_print.js';
import { originAt } from '../../registry/config_tree.js';
import { configOf, fixture, randomTree, resolveAll } from './config_cases.js';

describe('printing', () => {
  test('every value with its origin', async () => {
    const trees = {
      'base.json': {
        model: { type: 'RetinaNet', neck: { type: 'FPN', num_outs: 5, norm_cfg: null } },
        test_pipeline: [{ type: 'Resize', scale: [1333, 800] }, { type: 'PackDetInputs' }],
        data_root: 'data/',
      },
      'a.json': {
        _base_: 'base.json',
        model: { neck: { num_outs: 4 } },
        metainfo: { classes: ['red cell', 'yes'], ids: [] },
      },
    };
    const config = applyOverrides(await resolveAll(trees), [
      'test_pipeline.0.scale.1=640',
      'model.test_cfg={a: [[1, 2], [3]]}',
    ]);
    expect(printConfig(config, ['data_root'])).toBe(
      `model:
  type: RetinaNet               # base.json
  neck:
    type: FPN                   # base.json
    num_outs: 4                 # a.json
    norm_cfg: null              # base.json
  test_cfg:
    a:
      - [1, 2]                  # --cfg-options
      - [3]                     # --cfg-options
test_pipeline:
  - type: Resize                # base.json
    scale:
      - 1333                    # base.json
      - 640                     # --cfg-options
  - type: PackDetInputs         # base.json
data_root: data/                # base.json, not used
metainfo:
  classes: ["red cell", "yes"]  # a.json
  ids: []                       # a.json
`,
    );
  });

  test('long lists of values fill lines; long lines do not push the comments away', () => {
    const config = configOf({ classes: Array.from({ length: 30 }, (_, i) => `class_${i}`), url: 'x'.repeat(70), a: 1 });
    expect(printConfig(config)).toBe(
      [
        'classes: [class_0, class_1, class_2, class_3, class_4, class_5, class_6, class_7,  # a.json',
        '  class_8, class_9, class_10, class_11, class_12, class_13, class_14, class_15,',
        '  class_16, class_17, class_18, class_19, class_20, class_21, class_22, class_23,',
        '  class_24, class_25, class_26, class_27, class_28, class_29]',
        `url: ${'x'.repeat(70)}  # a.json`,
        'a: 1  # a.json',
        '',
      ].join('\n'),
    );
  });

  test('comments stand in one column of a terminal, where wide letters take two', () => {
    expect(printConfig(configOf({ metainfo: { classes: ['トマト'] }, model: 'abcdefgh' }, 'a.json'))).toBe(
      'metainfo:\n  classes: ["トマト"]  # a.json\nmodel: abcdefgh        # a.json\n',
    );
  });

  test('unused sections are marked at their head', () => {
    expect(printConfig(configOf({ model: {}, train_cfg: { by_epoch: true } }), ['train_cfg'])).toBe(
      ['model: {}         # a.json', 'train_cfg:        # not used', '  by_epoch: true  # a.json', ''].join('\n'),
    );
  });

  test('an empty config', () => {
    expect(parse(printConfig(configOf({})))).toEqual({});
  });

  test('prints load again: fixtures', () => {
    for (const name of ['blood_cells.json', 'dumped.json']) {
      const config = configOf(fixture(name));
      expect(parse(printConfig(config))).toEqual(config.value);
      expect(JSON.parse(printJson(config))).toEqual(config.value);
    }
  });

  test('prints load again: anything', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const config = configOf(randomTree(seed));
      expect(parse(printConfig(config))).toEqual(config.value);
      expect(JSON.parse(printJson(config))).toEqual(config.value);
    }
  });

  test('an origin with a line break in its name stays a comment', () => {
    expect(parse(printConfig(configOf({ a: 1 }, 'a\nb: 2.json')))).toEqual({ a: 1 });
  });
});

describe('defaults', () => {
  const schema = z.object({
    type: z.string(),
    start_level: z.int().default(0),
    nms: z.object({ iou: z.number().default(0.5) }).default({ iou: 0.5 }),
    stages: z.array(z.object({ depth: z.number(), width: z.number().default(8) })),
    size: z.number().transform((value) => ({ value })),
    note: z.string().optional(),
    act: z
      .string()
      .default('relu')
      .transform((name) => () => name),
  });
  const neck = { type: 'FPN', stages: [{ depth: 1 }, { depth: 2, width: 4 }], size: 3 };
  const config = configOf({ model: { neck } });
  const filled = withDefaults(config, ['model', 'neck'], schema.parse(neck));

  test('fill in what the config leaves out, and change nothing', () => {
    expect(filled.value).toEqual({
      model: {
        neck: {
          type: 'FPN',
          stages: [
            { depth: 1, width: 8 },
            { depth: 2, width: 4 },
          ],
          size: 3,
          start_level: 0,
          nms: { iou: 0.5 },
        },
      },
    });
    expect(config.value).toEqual({ model: { neck } });
  });

  test('are marked as such', () => {
    const from = (path: string) => originAt(filled.origins, path);
    expect(['model.neck.start_level', 'model.neck.nms.iou', 'model.neck.stages.0.width'].map(from)).toEqual(
      Array(3).fill('default'),
    );
    expect(['model.neck', 'model.neck.stages.0', 'model.neck.stages.1.width'].map(from)).toEqual(
      Array(3).fill('a.json'),
    );
    expect(filled.sources).toEqual(['default', 'a.json']);
  });

  test('of a part that is not there are not added', () => {
    expect(withDefaults(config, ['model', 'head'], { a: 1 }).value).toEqual(config.value);
  });
});
