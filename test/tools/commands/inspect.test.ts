import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SHIPPED_CONFIGS } from '../../../configs/index.js';
import { openConfig } from '../../../models/open_config.js';
import { buildLosses } from '../../../tasks/build_losses.js';
import { buildModel } from '../../../tasks/build_model.js';
import type { LowformerConfig } from '../../../tasks/config.js';
import { describeModel } from '../../../tools/commands/inspect.js';
import { readReference } from '../../reference.js';
import { lowformer, temporaryFolder } from '../command_line.js';
import { classifier, detector, expectMistake, onMultiplesOf32, segmentor, writeModel } from '../tiny_models.js';

const shape = z.array(z.int().min(0));
const stateDict = z.array(z.tuple([z.string(), shape]));
const inspectionSchema = z.strictObject({
  parameters: z.int(),
  macs: z.int(),
  input: z.tuple([z.int(), z.int(), z.int(), z.int()]),
  features: z.array(z.strictObject({ name: z.string(), shape, stride: z.int() })),
  modules: z.array(z.strictObject({ name: z.string(), parameters: z.int(), macs: z.int() })),
  state_dict: stateDict,
  unused: z.array(z.string()),
});
const backboneSchema = z.object({
  parameters: z.int(),
  backbone_parameters: z.int(),
  macs_224: z.int(),
  backbone_macs_512: z.int(),
  widths: z.array(z.int()),
  state_dict: stateDict,
});
const detectorSchema = z.object({ parameters: z.int(), macs_512: z.object({ total: z.int() }), state_dict: stateDict });

const cwd = temporaryFolder();

/** Without a process of its own: what the command does between reading its arguments and writing. */
function config(name: string): LowformerConfig {
  const found = Object.entries<LowformerConfig>(SHIPPED_CONFIGS).find(([key]) => key === name)?.[1];
  if (found === undefined) throw new RangeError(name);
  return found;
}

async function described(name: string) {
  const { model } = await openConfig(name);
  return inspectionSchema.parse(structuredClone(describeModel(model, { depth: 1 })));
}

async function inspect(...args: readonly string[]) {
  const { code, stdout, stderr } = await lowformer(['inspect', ...args, '--json', '-'], { cwd });
  expect([code, stderr]).toEqual([0, '']);
  return inspectionSchema.parse(JSON.parse(stdout));
}

describe('lowformer inspect, every shipped config', () => {
  test.each(Object.keys(SHIPPED_CONFIGS))('%s', async (name) => {
    const [, method = '', archName = ''] = /^(?:(\w[\w-]*?)_)?lowformer-(\w+?)_/.exec(name) ?? [];
    const arch = archName.replace(/^e/, 'E');
    const seen = await described(name);
    const side = name.endsWith('_in1k') ? 224 : 512;
    expect(seen.input).toEqual([1, 3, side, side]);
    // What a recipe says of its model is for training, which leaves out none of it.
    const { model: tree, train_dataloader: recipe } = config(name);
    if (recipe === undefined) expect(seen.unused).toEqual([]);
    else expect(buildLosses(buildModel(tree), tree).unfollowed).toEqual([]);
    const sum = (key: 'parameters' | 'macs') => seen.modules.reduce((total, module) => total + module[key], 0);
    expect([sum('parameters'), sum('macs')]).toEqual([seen.parameters, seen.macs]);
    // The authors' own have a reference.
    if (arch === '' || ('arch' in tree.backbone && tree.backbone.arch === 'custom')) return;
    const expected = backboneSchema.parse(readReference(`backbones/${arch}`).description);
    const backbone = seen.modules.find((module) => module.name === 'backbone');
    expect(backbone?.parameters).toBe(expected.backbone_parameters);
    expect(seen.features.slice(0, 4)).toEqual(
      expected.widths.slice(1).map((channels, i) => {
        const stride = 4 * 2 ** i;
        return { name: `c${i + 2}`, shape: [1, channels, side / stride, side / stride], stride };
      }),
    );
    if (side === 224) {
      expect([seen.parameters, seen.macs]).toEqual([expected.parameters, expected.macs_224]);
      expect(seen.state_dict).toEqual(expected.state_dict);
      return;
    }
    expect(backbone?.macs).toBe(expected.backbone_macs_512);
    const keys = ([key]: readonly [string, unknown]) => key.startsWith('backbone.');
    expect(seen.state_dict.filter(keys)).toEqual(expected.state_dict.filter(keys));
    if (method !== 'retinanet' || !['b0', 'b1'].includes(arch)) return;
    const detection = detectorSchema.parse(readReference(`detectors/retinanet_lowformer_${arch}`).description);
    expect([seen.parameters, seen.macs]).toEqual([detection.parameters, detection.macs_512.total]);
    expect(seen.state_dict).toEqual(detection.state_dict);
  });
});

describe('lowformer inspect', () => {
  beforeAll(() => writeModel(cwd, 'det', detector));

  test.each(['lowformer-b0_in1k', 'retinanet_lowformer-b1_fpn_1x_coco', 'sem-fpn_lowformer-e1_40k_ade20k-512x512'])(
    'as a command, %s',
    async (name) => {
      expect(await inspect(name, '--depth', '1')).toEqual(await described(name));
    },
  );

  test('--input-size, odd ones too; training keys are listed as unused', async () => {
    const { input, features, unused } = await inspect('det.json', '--input-size', '75x101');
    expect(input).toEqual([1, 3, 75, 101]);
    expect(features.map((feature) => [feature.name, feature.shape, feature.stride])).toEqual([
      ['c2', [1, 8, 19, 26], 4],
      ['c3', [1, 8, 10, 13], 8],
      ['c4', [1, 16, 5, 7], 16],
      ['c5', [1, 16, 3, 4], 32],
      ['p3', [1, 8, 10, 13], 8],
      ['p4', [1, 8, 5, 7], 16],
      ['p5', [1, 8, 3, 4], 32],
      ['p6', [1, 8, 2, 2], 64],
      ['p7', [1, 8, 1, 1], 128],
    ]);
    expect(unused).toEqual(['model.train_cfg', 'model.bbox_head.loss_bbox']);
  });

  test('--input-size that the network cannot take', async () => {
    await writeModel(cwd, 'multiples', onMultiplesOf32(detector));
    const refused = await lowformer(['inspect', 'multiples.json', '--input-size', '75x101'], { cwd });
    expect(expectMistake(refused)).toBe(
      "input 'input': expected a height and width that are multiples of 32 but received '75x101'. " +
        'The next larger size is 96x128.',
    );
    expect((await inspect('multiples.json', '--input-size', '96x128')).input).toEqual([1, 3, 96, 128]);
  });

  test('is a table without --json, and a file with it', async () => {
    const { code, stdout, stderr } = await lowformer(['inspect', 'det.json'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^input {7}1 x 3 x 512 x 512\nparameters {2}\d+\.\d\d M\nMACs {8}\d/);
    expect(stdout).toMatch(/\nfeature {2}stride {2}shape\n/);
    expect(stdout).toMatch(/\nbbox_head\.retina_cls +\d/);
    const whole = await inspect('det.json');
    const written = await lowformer(['inspect', 'det.json', '--json', 'det.inspect.json', '--quiet'], { cwd });
    expect(written).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(JSON.parse(readFileSync(join(cwd, 'det.inspect.json'), 'utf8'))).toEqual(whole);
  });

  test('keys of the model that training alone reads are for train; those of predicting without a use are not used', async () => {
    const test_cfg = { mode: 'whole', crop_size: [64, 64], stride: [32, 32] };
    const decode_head = { ...segmentor.model.decode_head, loss_decode: { type: 'CrossEntropyLoss' } };
    await writeModel(cwd, 'seg', { ...segmentor, model: { ...segmentor.model, decode_head, test_cfg } });
    await writeModel(cwd, 'cls', classifier);
    const summaries = ['det', 'seg', 'cls'].map(async (name) => {
      const { code, stdout } = await lowformer(['inspect', `${name}.json`], { cwd });
      expect(code).toBe(0);
      return stdout.slice(0, stdout.indexOf('\n\n')).split('\n').slice(3);
    });
    expect(await Promise.all(summaries)).toEqual([
      ['for train   model.train_cfg, model.bbox_head.loss_bbox'],
      ['for train   model.decode_head.loss_decode', 'not used    model.test_cfg.crop_size, model.test_cfg.stride'],
      [],
    ]);
  });

  test('with --checkpoint, tells how the weights fit; takes what every command takes', async () => {
    const args = [
      'inspect',
      'det.json',
      '--checkpoint',
      'det.safetensors',
      '--device',
      'cpu',
      '--engine',
      'onnxruntime',
    ];
    const { code, stderr } = await lowformer([...args, '--threads', '1'], { cwd });
    expect([code, stderr]).toEqual([0, 'det.safetensors: loaded 123 of 123 parameters\n']);
  });
});
