/** A backbone, a neck, a pipeline step, an engine and the parts of a head from outside the package, in a project that has it installed. */
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { NECKS } from '../../necks/index.js';
import { defineNeck } from '../../registry/define.js';
import { compile, run } from '../run_program.js';
import { createWorkspace, ROOT, tsconfigFor } from '../workspace.js';

const workspace = createWorkspace();
afterAll(() => workspace[Symbol.dispose]());

describe('a project that depends on the package', () => {
  let complaints: string;
  beforeAll(async () => {
    cpSync(`${ROOT}test/fixtures/third_party`, workspace.folder, { recursive: true });
    complaints = await compile(tsconfigFor(workspace.folder, false));
  });

  test('compiles: its types are known, and each misspelling is an error', () => expect(complaints).toBe(''));

  test('compiles against the sources as well', async () => {
    expect(await compile(tsconfigFor(workspace.folder, true))).toBe('');
  });

  test('runs its modules through buildModel and loadDetector', async () => {
    const { code, stdout, stderr } = await run(process.execPath, ['main.js'], workspace.folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      parameters: [
        ...[0, 1, 2].flatMap((i) => [`backbone.layers.${i}.weight`, `backbone.layers.${i}.bias`]),
        ...[0, 1].flatMap((i) => [`neck.convs.${i}.weight`, `neck.convs.${i}.bias`]),
      ],
      features: [
        ['c2', 4, 8],
        ['c3', 8, 16],
        ['p2', 4, 12],
        ['p3', 8, 12],
      ],
      unused: ['model.backbone.frozen_stages'],
      loaded: 18,
      foreign: {
        loaded: [0, 1].flatMap((i) => [`backbone.layers.${i}.weight`, `backbone.layers.${i}.bias`]),
        unexpected: [],
        missing: ['backbone.layers.2.weight', 'backbone.layers.2.bias'],
        same: true,
      },
      size: [96, 48],
      categories: ['cat', 'dog'],
      message:
        "model.neck.out_channel: expected one of the keys out_channels, bias but received 'out_channel'. Did you mean 'out_channels'?",
      engine: { loads: 1, runs: 1, device: 'abacus', same: true },
      engineMessage:
        "precision: expected nothing but float32 of the engine counting but received 'float16'. The engine onnxruntime offers it.",
      engineName:
        "engine: expected one of onnxruntime, openvino, tfjs, counting but received 'countng'. Did you mean counting?",
      step: [true, false],
      stepMessage: expect.stringMatching(/^test_pipeline\.0\.type: .+, TinyInvert\)\. Did you mean 'TinyInvert'\?/),
      best: ['cat', 'dog'],
      halved: true,
      partMessage:
        "model.bbox_head.bbox_coder.pixel: expected one of the keys pixels but received 'pixel'. Did you mean 'pixels'?",
    });
  });

  test('gives its config to the command line', async () => {
    const command = `${ROOT}dist/tools/lowformer.js`;
    const inspect = ['inspect', 'tiny_config.ts', '--input-size', '64x96', '--json', '-'];
    const { code, stdout, stderr } = await run(process.execPath, [command, ...inspect], workspace.folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { features } = z.object({ features: z.array(z.unknown()) }).parse(JSON.parse(stdout));
    expect(features.at(-1)).toEqual({ name: 'p3', shape: [1, 12, 8, 12], stride: 8 });
  });

  test('gives its engine to the command line', async () => {
    const command = `${ROOT}dist/tools/lowformer.js`;
    const detect = async (engine: string, out: string) => {
      const model = ['engine_config.ts', '--checkpoint', 'tiny.safetensors', '--quiet', '--engine', engine];
      const picture = join(ROOT, 'docs/images/browser_measure.png');
      return run(process.execPath, [command, 'detect', ...model, picture, '--json', out], workspace.folder);
    };
    for (const name of ['onnxruntime', 'counting'])
      expect(await detect(name, `${name}.json`)).toMatchObject({ code: 0 });
    const [first, second] = ['onnxruntime.json', 'counting.json'].map((name) =>
      readFileSync(join(workspace.folder, name), 'utf8'),
    );
    expect(second).toBe(first);
    const { code, stderr } = await detect('countng', '-');
    expect(code).toBe(2);
    expect(stderr).toContain('expected one of onnxruntime, openvino, tfjs, counting but received');
  });

  test('a checkpoint is held to its modules as to any', async () => {
    const detect = [
      'detect',
      'tiny_config.ts',
      join(ROOT, 'assets/blood_cells.jpg'),
      '--checkpoint',
      'tiny.safetensors',
    ];
    const changed = ['--cfg-options', 'model.backbone.width=6'];
    const command = `${ROOT}dist/tools/lowformer.js`;
    const { code, stderr } = await run(process.execPath, [command, ...detect, ...changed], workspace.folder);
    expect(code).toBe(2);
    expect(stderr).toContain("the file's backbone is of another size");
  });
});

test('a type that is taken cannot be registered again, but the same definition can', () => {
  const other = defineNeck({ type: 'FPN', schema: z.strictObject({}), build: (_g, inputs) => inputs });
  expect(() => NECKS.register(other)).toThrow("register neck: expected a type that no neck has yet but received 'FPN'");
  const fpn = NECKS.get('FPN', 'here');
  expect(NECKS.register(fpn)).toBe(fpn);
});
