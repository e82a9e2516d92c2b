/** What training starts from: chance with a seed, checkpoints of a part, of the whole, of other classes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { noteText } from '../../../core/notes.js';
import { elements } from '../../../core/tensor.js';
import { openConfig } from '../../../models/open_config.js';
import { type StartingOptions, startingWeights } from '../../../training/start/starting_weights.js';
import { DATASET_META } from '../../../weights/dataset_meta.js';
import { writeSafetensors } from '../../../weights/safetensors.js';
import { formulaValue } from '../../formula_weights.js';
import { DETECTOR, SEGMENTOR } from '../data/config.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CLASSES = ['round', 'square'];

async function opened(model: object = DETECTOR, classes: readonly string[] = CLASSES) {
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify({ model, metainfo: { classes } }));
  return openConfig(file);
}

async function started(model: object = DETECTOR, options: Partial<StartingOptions> = {}, classes = CLASSES) {
  const { weights, notes } = await startingWeights(await opened(model, classes), { seed: 1, ...options });
  return { weights, notes: notes.map(noteText).map((line) => line.replaceAll(folder, '')) };
}

/** A checkpoint with the formula's values. */
async function checkpointOf(
  model: object,
  name: string,
  nameOf: (name: string) => string | undefined = (same) => same,
  classes?: readonly string[],
): Promise<string> {
  const { model: built } = await opened(
    model,
    Array.from({ length: numClasses(model) }, (_, i) => `class ${i}`),
  );
  const tensors = [...built.wholeGraph.parameters.values()].flatMap(({ name: own, shape }) => {
    const written = nameOf(own);
    return written === undefined ? [] : [[written, { shape, data: formulaValue(own, shape) }] as const];
  });
  const file = join(folder, name);
  const meta = classes === undefined ? {} : { [DATASET_META]: JSON.stringify({ classes }) };
  await writeSafetensors(file, Object.fromEntries(tensors), meta);
  return file;
}

function numClasses(model: object): number {
  return JSON.stringify(model).includes('"num_classes":3') ? 3 : 2;
}

const detector = (changes: object = {}, backbone: object = {}, head: object = {}) => ({
  ...DETECTOR,
  backbone: { ...DETECTOR.backbone, ...backbone },
  bbox_head: { ...DETECTOR.bbox_head, ...head },
  ...changes,
});

const spread = (data: Float32Array) => {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
};

describe('from nothing', () => {
  test('one seed, one network; another seed, another network', async () => {
    const [a, b, c] = [await started(), await started(), await started(DETECTOR, { seed: 2 })];
    expect(a.weights).toEqual(b.weights);
    const name = 'backbone.stages.1.op_list.0.main.depth_conv.conv.weight';
    const conv = Object.keys(a.weights).find((one) => one.endsWith('conv.weight')) ?? name;
    expect(a.weights[conv]).not.toEqual(c.weights[conv]);
    expect(a.notes).toEqual(['weights: training starts from nothing, with seed 1 (1)']);
  });

  test('a head takes its classes for rare, norms are the identity', async () => {
    const { weights } = await started();
    expect(weights['bbox_head.retina_cls.bias']?.data[0]).toBeCloseTo(-Math.log(99), 6);
    expect(Object.entries(weights).filter(([name]) => name.endsWith('running_var'))[0]?.[1].data[0]).toBe(1);
    expect(Object.values(weights).every(({ data }) => data.every(Number.isFinite))).toBe(true);
  });

  test("init_cfg in the config's words, for a part and for layers of it", async () => {
    const rules = [
      { type: 'TruncNormal', layer: ['Conv2d', 'Linear'], std: 0.5, a: -0.6, b: 0.6, bias: 3 },
      {
        type: 'mmengine.Constant',
        layer: '_BatchNorm',
        val: 7,
        override: { name: 'stages.0', val: 8, layer: '_BatchNorm' },
      },
    ];
    const { weights } = await started(detector({}, { init_cfg: rules }));
    const own = Object.entries(weights).filter(([name]) => name.startsWith('backbone.'));
    const convs = own.filter(([, { shape }]) => shape.length === 4);
    expect(convs.every(([, { data }]) => data.every((value) => Math.abs(value) <= 0.6))).toBe(true);
    expect(convs.some(([, { data }]) => data.some((value) => Math.abs(value) > 0.5))).toBe(true);
    const norms = own.filter(([name]) => name.endsWith('norm.weight'));
    const first = ([name]: readonly [string, unknown]) => name.startsWith('backbone.stages.0.');
    expect(new Set(norms.filter((entry) => !first(entry)).map(([, { data }]) => data[0]))).toEqual(new Set([7]));
    expect(new Set(norms.filter(first).map(([, { data }]) => data[0]))).toEqual(new Set([8]));
    const neck = weights['neck.lateral_convs.0.conv.bias'];
    expect(neck?.data[0]).not.toBe(3);
  });

  test('zero_init_residual: whether blocks of a ResNet begin as their shortcuts', async () => {
    const resnet = { type: 'ResNet', depth: 18, base_channels: 4 };
    const lastNorms = async (keys: object) => {
      const { weights } = await started({
        ...DETECTOR,
        backbone: { ...resnet, ...keys },
        neck: { ...DETECTOR.neck, in_channels: [4, 8, 16, 32] },
      });
      const norms = Object.entries(weights).filter(([name]) => /^backbone\.layer\d\.\d\.bn2\.weight$/.test(name));
      expect(norms).toHaveLength(8);
      return new Set(norms.flatMap(([, { data }]) => [...data]));
    };
    expect(await lastNorms({})).toEqual(new Set([0]));
    expect(await lastNorms({ zero_init_residual: false })).toEqual(new Set([1]));
  });

  test.each([
    [{ type: 'Normal', layer: 'Conv2D' }, 'model.backbone.init_cfg.layer'],
    [{ type: 'Normal', sdt: 1 }, 'model.backbone.init_cfg.sdt'],
    [[{ type: 'Orthogonal' }], 'model.backbone.init_cfg.0.type'],
    [{ type: 'Pretrained' }, 'model.backbone.init_cfg.checkpoint'],
    [
      { type: 'Pretrained', checkpoint: 'torchvision://resnet50' },
      'model.backbone.init_cfg.checkpoint: expected a file',
    ],
  ])('refused: %j', async (init_cfg, message) => {
    await expect(started(detector({}, { init_cfg }))).rejects.toThrow(message);
  });
});

describe('from a checkpoint', () => {
  test("a backbone's own, by init_cfg", async () => {
    const file = await checkpointOf(DETECTOR, 'backbone.safetensors', (name) =>
      name.startsWith('backbone.') ? name.slice('backbone.'.length) : undefined,
    );
    const { weights, notes } = await started(detector({}, { init_cfg: { type: 'Pretrained', checkpoint: file } }));
    const fresh = (await started()).weights;
    for (const [name, { shape, data }] of Object.entries(weights)) {
      if (name.endsWith('num_batches_tracked')) continue;
      expect(data, name).toEqual(name.startsWith('backbone.') ? formulaValue(name, shape) : fresh[name]?.data);
    }
    expect(notes[0]).toContain('loaded');
  });

  test("the same in mmdet 2's words: `pretrained` of the backbone, or of the model", async () => {
    const file = await checkpointOf(DETECTOR, 'older.safetensors', (name) =>
      name.startsWith('backbone.') ? name.slice('backbone.'.length) : undefined,
    );
    const now = await started(detector({}, { init_cfg: { type: 'Pretrained', checkpoint: file } }));
    for (const older of [detector({ pretrained: file }), detector({}, { pretrained: file })]) {
      expect((await started(older)).weights).toEqual(now.weights);
    }
    expect((await started(detector({ pretrained: null }, { pretrained: null }))).weights).toEqual(
      (await started()).weights,
    );
  });

  test('both words for it are one too many', async () => {
    const init_cfg = { type: 'Pretrained', checkpoint: 'a.pth' };
    await expect(started(detector({}, { pretrained: 'b.pth', init_cfg }))).rejects.toThrow(
      "model.backbone.init_cfg: expected no init_cfg beside model.backbone.pretrained, which says the same in mmdet 2's way",
    );
    await expect(started(detector({ pretrained: 'a.pth' }, { pretrained: 'b.pth' }))).rejects.toThrow(
      'model.pretrained: expected one checkpoint to start from, but model.backbone.pretrained names one as well',
    );
  });

  test('a prefix in the file', async () => {
    const file = await checkpointOf(DETECTOR, 'whole.safetensors', (name) => name.replace('backbone.', 'encoder.'));
    const init_cfg = { type: 'Pretrained', checkpoint: file, prefix: 'encoder.' };
    const { weights } = await started(detector({}, { init_cfg }));
    const name = 'backbone.stages.0.op_list.0.conv.weight';
    const some = Object.keys(weights).find((one) => one.startsWith('backbone.') && one.endsWith('conv.weight')) ?? name;
    expect(weights[some]?.data).toEqual(formulaValue(some, weights[some]?.shape ?? []));
    const neck = 'neck.lateral_convs.0.conv.weight';
    expect(weights[neck]?.data).not.toEqual(formulaValue(neck, weights[neck]?.shape ?? []));
  });

  test('the whole, given for the run, before any init_cfg', async () => {
    const checkpoint = await checkpointOf(DETECTOR, 'detector.safetensors', (name) => name, CLASSES);
    const config = detector({}, { init_cfg: { type: 'Pretrained', checkpoint: 'none.pth' } });
    const { weights } = await started(config, { checkpoint });
    for (const [name, { shape, data }] of Object.entries(weights)) {
      if (!name.endsWith('num_batches_tracked')) expect(data, name).toEqual(formulaValue(name, shape));
    }
  });

  test('of other classes: the classifier starts anew, and that is said', async () => {
    const three = detector({}, {}, { num_classes: 3 });
    const more = await checkpointOf(three, 'three.safetensors');
    const { weights, notes } = await started(DETECTOR, { checkpoint: more });
    const fresh = (await started()).weights;
    expect(weights['bbox_head.retina_cls.weight']).toEqual(fresh['bbox_head.retina_cls.weight']);
    const box = 'bbox_head.retina_reg.weight';
    expect(weights[box]?.data).toEqual(formulaValue(box, weights[box]?.shape ?? []));
    expect(notes.at(-1)).toBe('/three.safetensors: bbox_head.retina_cls starts anew: the file is of other classes (1)');

    const named = await checkpointOf(DETECTOR, 'named.safetensors', (name) => name, ['square', 'round']);
    const other = await started(DETECTOR, { checkpoint: named });
    expect(other.weights['bbox_head.retina_cls.weight']).toEqual(fresh['bbox_head.retina_cls.weight']);
    expect(other.weights[box]?.data).toEqual(formulaValue(box, weights[box]?.shape ?? []));
  });

  test('a segmentor from a detector has its backbone; its neck does not fit', async () => {
    const file = await checkpointOf(DETECTOR, 'other.safetensors', (name) =>
      name.startsWith('neck.') ? undefined : name,
    );
    const { weights, notes } = await started(SEGMENTOR, { checkpoint: file });
    expect(weights['decode_head.conv_seg.bias']?.data).toEqual(new Float32Array(2));
    expect(notes[0]).toMatch(/loaded \d+ of \d+/);
  });

  test('of another size of the backbone: an error that says which, of a whole network and of a backbone', async () => {
    const resnet = (depth: number) => ({ type: 'ResNet', depth, base_channels: 4 });
    const whole = await checkpointOf({ ...DETECTOR, backbone: resnet(101) }, 'deeper.safetensors');
    await expect(started({ ...DETECTOR, backbone: resnet(50) }, { checkpoint: whole })).rejects.toThrow(
      "the file's backbone has depth 101: set model.backbone.depth to 101",
    );
    const own = /^backbone\./;
    const bare = await checkpointOf({ ...DETECTOR, backbone: resnet(34) }, 'bare.safetensors', (name) =>
      own.test(name) ? name.replace(own, '') : undefined,
    );
    const init_cfg = { type: 'Pretrained', checkpoint: bare };
    await expect(started({ ...DETECTOR, backbone: { ...resnet(18), init_cfg } })).rejects.toThrow(
      "the file's backbone has depth 34: set model.backbone.depth to 34",
    );
    await expect(started({ ...DETECTOR, backbone: { ...resnet(50), init_cfg } })).rejects.toThrow(
      "the file's backbone has depth 34: set model.backbone.depth to 34",
    );
  });

  test('of another network: an error, as for inference', async () => {
    const wide = detector({}, { widths: [4, 4, 4, 4, 8] });
    const file = await checkpointOf(wide, 'wide.safetensors');
    await expect(started(DETECTOR, { checkpoint: file })).rejects.toThrow('wide.safetensors: expected tensors for all');
    await expect(started(DETECTOR, { checkpointKey: 'ema' })).rejects.toThrow('checkpointKey');
  });
});

test('every value is where the graph wants it', async () => {
  const { model } = await opened();
  const { weights } = await started();
  for (const { name, shape } of model.wholeGraph.parameters.values()) {
    expect(weights[name]?.data.length, name).toBe(elements(shape));
  }
  expect(spread(weights['bbox_head.cls_convs.0.conv.weight']?.data ?? new Float32Array(1))).toBeGreaterThan(0);
});
