import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { modelFacts } from '../../../graph/onnx/model_facts.js';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';
import {
  classifier,
  detector,
  drawPicture,
  expectMistake,
  segmentor,
  writeModel,
  writePicture,
} from '../tiny_models.js';

const cwd = temporaryFolder();
const run = (...args: readonly string[]) => lowformer(args, { cwd });
const mistake = async (...args: readonly string[]) => expectMistake(await run(...args));
const quantizing = (out: string) =>
  ['quantize', 'det.json', '--checkpoint', 'det.safetensors', '--calibration', 'pictures', '--out', out] as const;
const quantize = (name: string, out: string, ...more: readonly string[]) =>
  run(
    'quantize',
    `${name}.json`,
    '--checkpoint',
    `${name}.safetensors`,
    '--calibration',
    'pictures',
    '--out',
    out,
    ...more,
  );

beforeAll(async () => {
  mkdirSync(join(cwd, 'pictures'));
  for (let i = 0; i < 3; i++) await writePicture(join(cwd, 'pictures', `${i}.png`), drawPicture(96, 64, 40 + 20 * i));
  for (const [name, config] of [
    ['det', detector],
    ['seg', segmentor],
    ['cls', classifier],
  ] as const)
    await writeModel(cwd, name, config);
  const { code, stderr } = await quantize('det', 'det.onnx', '--report', 'det_report.json');
  expect(code, stderr).toBe(0);
}, 60_000);

describe('lowformer quantize', () => {
  test('says what it made, and which layers are float', async () => {
    const { stderr } = await quantize('det', 'again.onnx', '--ranges', 'entropy', '--any-size');
    expect(stderr).toMatch(/\d+ of \d+ layers in int8: ranges by entropy over 3 pictures, weights of 7 bits\n/);
    expect(stderr).toContain('3 pictures to calibrate with: a hundred or more');
    expect(stderr).toMatch(/MB before, .* MB after/);
    const divisor = (file: string) => modelFacts(readFileSync(join(cwd, file)))?.metadata.get('size_divisor');
    expect([divisor('det.onnx'), divisor('again.onnx')]).toEqual(['32', '1']);
    const report = JSON.parse(readFileSync(join(cwd, 'det_report.json'), 'utf8'));
    expect(report).toMatchObject({ pictures: 3, ranges: 'mse', weight_bits: 7 });
    const byName = new Map<string, { int8: boolean; signal_to_noise_db: number }>(
      report.layers.map((layer: { name: string }) => [layer.name, layer]),
    );
    expect(byName.get('bbox_head.retina_cls')).toMatchObject({ int8: true, operation: 'conv' });
    expect(byName.get('bbox_head.retina_cls')?.signal_to_noise_db).toBeGreaterThan(10);
    expect(report.bytes.int8).toBe(readFileSync(join(cwd, 'det.onnx')).length);
  });

  test('is the same bytes each time', async () => {
    expect((await quantize('det', 'same.onnx')).code).toBe(0);
    expect(Buffer.compare(readFileSync(join(cwd, 'same.onnx')), readFileSync(join(cwd, 'det.onnx')))).toBe(0);
  });

  test('makes a config and its weights in one, for detect and with the config it is of', async () => {
    const [alone, beside, float] = await Promise.all([
      run('detect', 'det.onnx', 'pictures/1.png'),
      run('detect', 'det.json', 'pictures/1.png', '--checkpoint', 'det.onnx'),
      run('detect', 'det.json', 'pictures/1.png', '--checkpoint', 'det.safetensors'),
    ]);
    expect(alone.code, alone.stderr).toBe(0);
    expect(alone.stdout).toBe(beside.stdout);
    const scores = [alone, float].map(({ stdout }) =>
      JSON.parse(stdout)[0]
        .detections.slice(0, 5)
        .map(({ score }: { score: number }) => score),
    );
    for (const [i, score] of scores[0].entries()) expect(Math.abs(score - scores[1][i])).toBeLessThan(0.05);
  });

  test.each([
    ['seg', 'segment'],
    ['cls', 'classify'],
  ])('%s', async (name, verb) => {
    expect((await quantize(name, `${name}.onnx`)).code).toBe(0);
    const { code, stdout, stderr } = await run(verb, `${name}.onnx`, 'pictures/1.png', '--json', '-');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(1);
  });
});

describe('what int8 costs', () => {
  test('each layer by itself, the outputs, and the times are in the report', async () => {
    const { code, stderr } = await quantize(
      'det',
      'costs.onnx',
      '--sensitivity',
      '--equalise',
      '--report',
      'costs.json',
    );
    expect(code, stderr).toBe(0);
    const report = JSON.parse(readFileSync(join(cwd, 'costs.json'), 'utf8'));
    expect(report.equalised).toBe(true);
    expect(report.outputs.signal_to_noise_db).toBeGreaterThan(10);
    expect(report.outputs.milliseconds.int8).toBeGreaterThan(0);
    const costs = report.sensitivity.map((one: { output_signal_to_noise_db: number }) => one.output_signal_to_noise_db);
    expect(costs).toEqual(costs.toSorted((a: number, b: number) => a - b));
    expect(stderr).toMatch(/outputs: signal to noise \d+\.\d dB; .* ms float32, .* ms int8 on this machine/);
  });

  test('layers stay float that are named, and those that a bound needs', async () => {
    const named = await quantize('det', 'named.onnx', '--report', 'named.json', '--float', 'bbox_head.retina_cls');
    expect(named.code, named.stderr).toBe(0);
    const layers = (file: string) =>
      JSON.parse(readFileSync(join(cwd, file), 'utf8')).layers.filter(
        ({ reason }: { reason?: string }) => reason === 'asked for',
      );
    expect(layers('named.json')).toMatchObject([{ name: 'bbox_head.retina_cls', int8: false }]);
    const { snr } = { snr: JSON.parse(readFileSync(join(cwd, 'det_report.json'), 'utf8')).outputs.signal_to_noise_db };
    const bound = await quantize('det', 'bound.onnx', '--report', 'bound.json', '--min-snr', `${snr + 1}`);
    expect(bound.code, bound.stderr).toBe(0);
    expect(layers('bound.json').length).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(join(cwd, 'bound.json'), 'utf8')).outputs.signal_to_noise_db).toBeGreaterThanOrEqual(
      snr + 1,
    );
    expect(await mistake(...quantizing('none.onnx'), '--min-snr', '300')).toContain('a bound that is kept');
  });

  test('a file is verified: exit code 1 where it does not keep to a bound', async () => {
    const verify = (...more: readonly string[]) =>
      run(
        'quantize',
        'det.json',
        '--checkpoint',
        'det.safetensors',
        '--calibration',
        'pictures',
        '--verify',
        'det.onnx',
        ...more,
      );
    const [kept, broken] = await Promise.all([verify('--min-snr', '5', '--json', '-'), verify('--min-snr', '200')]);
    expect(kept.code, kept.stderr).toBe(0);
    expect(JSON.parse(kept.stdout)).toMatchObject({ kept: true });
    expect(broken.code).toBe(1);
    expect(broken.stdout).toMatch(/^outputs: signal to noise \d+\.\d dB; .*\nnot kept\n$/);
    expect(broken.stderr).toContain('det.onnx: expected outputs of at least 200 dB but they are at');
    expectMistake(await verify());
    expectMistake(await verify('--min-snr', '5', '--ranges', 'mse'));
  });

  test('the figure on annotated pictures, before and after', async () => {
    const annotations = {
      images: [0, 1, 2].map((id) => ({ id, file_name: `${id}.png`, width: 96, height: 64 })),
      categories: detector.metainfo.classes.map((name: string, i: number) => ({
        id: detector.metainfo.category_ids[i] ?? 0,
        name,
      })),
      annotations: [
        {
          id: 1,
          image_id: 1,
          category_id: detector.metainfo.category_ids[0],
          bbox: [10, 10, 30, 30],
          area: 900,
          iscrowd: 0,
        },
      ],
    };
    writeFileSync(join(cwd, 'truth.json'), JSON.stringify(annotations));
    const truth = ['--images', 'pictures', '--annotations', 'truth.json', '--max-loss', '100'];
    const { code, stderr } = await quantize('det', 'scored.onnx', '--report', 'scored.json', ...truth);
    expect(code, stderr).toBe(0);
    const { accuracy, range_fit } = JSON.parse(readFileSync(join(cwd, 'scored.json'), 'utf8'));
    // They are those that it was calibrated with.
    expect(range_fit.every(({ outside }: { outside: number }) => outside === 0)).toBe(true);
    expect(range_fit.some(({ used }: { used: number }) => used > 0.99)).toBe(true);
    expect(stderr).not.toContain('the calibration set is not like');
    expect(accuracy).toMatchObject({ figure: 'AP', loss: 100 * (accuracy.float32 - accuracy.int8) });
    expect(stderr).toMatch(/AP: \d\.\d{4} float32, \d\.\d{4} int8/);
  });

  test('what would do nothing is refused', async () => {
    expect(await mistake(...quantizing('x.onnx'), '--max-loss', '1')).toContain(
      '--images, the folder of annotated pictures',
    );
    expect(await mistake(...quantizing('x.onnx'), '--annotations', 'truth.json')).toContain('--annotations');
    expect(await mistake(...quantizing('x.onnx'), '--float', 'bbox_head.retina_cl')).toContain(
      "'bbox_head.retina_cls'",
    );
  });
});

describe('a quantized model is refused', () => {
  test('where it was changed, or is another ONNX file', async () => {
    const bytes = readFileSync(join(cwd, 'det.onnx'));
    const at = bytes.length >> 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(join(cwd, 'changed.onnx'), bytes);
    expect(await mistake('detect', 'changed.onnx', 'pictures/1.png')).toContain(
      'one that was changed since, or cut off',
    );
    writeFileSync(join(cwd, 'short.onnx'), bytes.subarray(0, at));
    expect(await mistake('detect', 'short.onnx', 'pictures/1.png')).toContain(
      "expected a model as 'lowformer quantize' wrote it",
    );
    expect((await run('export', 'det.json', '--checkpoint', 'det.safetensors', '--out', 'plain.onnx')).code).toBe(0);
    expect(await mistake('detect', 'det.json', 'pictures/1.png', '--checkpoint', 'plain.onnx')).toContain(
      'give the checkpoint that it was made from',
    );
  });

  test('by another config, and by options that cannot act on it', async () => {
    expect(await mistake('segment', 'seg.json', 'pictures/1.png', '--checkpoint', 'det.onnx')).toContain(
      'a config of the network that was quantized but received',
    );
    const shifted = {
      ...detector,
      model: { ...detector.model, data_preprocessor: { type: 'DetDataPreprocessor', mean: [1, 2, 3], std: [1, 1, 1] } },
    };
    writeFileSync(join(cwd, 'shifted.json'), JSON.stringify(shifted));
    expect(await mistake('detect', 'shifted.json', 'pictures/1.png', '--checkpoint', 'det.onnx')).toContain(
      'another data_preprocessor',
    );
    expect(await mistake('detect', 'det.onnx', 'pictures/1.png', '--precision', 'float16')).toContain('runs as it is');
    expect(await mistake('detect', 'det.onnx', 'pictures/1.png', '--engine', 'tfjs')).toContain(
      'The engine onnxruntime runs ONNX files',
    );
    expect(await mistake('detect', 'det.onnx', 'pictures/1.png', '--allow-mismatch', 'neck')).toContain(
      'runs as it is',
    );
    expect(await mistake('export', 'det.onnx', '--out', 'x.onnx')).toContain('what looks like an ONNX model');
  });
});

describe('mistakes', () => {
  test('of the calibration set', async () => {
    mkdirSync(join(cwd, 'empty'));
    const args = ['quantize', 'det.json', '--checkpoint', 'det.safetensors', '--out', 'none.onnx', '--calibration'];
    expect(await mistake(...args, 'empty')).toContain('a folder with pictures, but there is none in it');
    expect(await mistake(...args, 'absent')).toContain('there is nothing of that name');
    mkdirSync(join(cwd, 'bad'));
    writeFileSync(join(cwd, 'bad', 'a.png'), 'no picture');
    expect(await mistake(...args, 'bad')).toContain('none can be read');
    expect(filesIn(cwd).filter((path) => path.includes('none.onnx'))).toEqual([]);
    cpSync(join(cwd, 'pictures', '0.png'), join(cwd, 'bad', 'b.png'));
    await sharp({ create: { width: 32, height: 32, channels: 3, background: '#000' } })
      .png()
      .toFile(join(cwd, 'bad', 'c.png'));
    const { code, stderr } = await run(...args, 'bad');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('passed over: ');
    expect(stderr).toContain(`one colour alone, which show nothing of what will come: ${join('bad', 'c.png')}`);
  });

  test('of where it is to be written, and of options', async () => {
    writeFileSync(join(cwd, 'file'), '');
    const [at, from] = [
      ['quantize', 'det.json', '--checkpoint', 'det.safetensors'],
      ['--calibration', 'pictures'],
    ];
    expect(await mistake(...at, ...from, '--out', 'file/x.onnx')).toContain('file');
    expect(await mistake(...at, ...from, '--out', 'x.safetensors')).toContain('a file whose name ends in .onnx');
    expect(await mistake(...at, ...from, '--out', 'x.onnx', '--engine', 'tfjs')).toContain('--engine');
    expect(await mistake('quantize', 'det.json', ...from, '--out', 'x.onnx')).toContain(
      'trained weights, but none are given',
    );
  });
});
