import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Tensor, Tensors } from '../../../core/tensor.js';
import { packageVersion } from '../../../files/package_version.js';
import { readSafetensors, writeSafetensors } from '../../../weights/safetensors.js';
import { formulaInput } from '../../formula_weights.js';
import { needs } from '../../needs.js';
import { hasPythonPackage, PYTHON } from '../../python.js';
import { relativeError, runOnnx } from '../../run_network.js';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';
import { classifier, detector, onMultiplesOf32, segmentor, writeModel } from '../tiny_models.js';

const cwd = temporaryFolder();
const CHECK = 'import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)';

const cases = [
  ['det', detector, ['cls0', 'cls1', 'cls2', 'cls3', 'cls4', 'reg0', 'reg1', 'reg2', 'reg3', 'reg4']],
  ['seg', segmentor, ['logits']],
  ['cls', classifier, ['logits']],
] as const;

describe.each(cases)('lowformer export, %s', (name, config, outputs) => {
  const file = join(cwd, `${name}.onnx`);

  beforeAll(async () => {
    await writeModel(cwd, name, config);
    const args = [
      'export',
      join(cwd, `${name}.json`),
      '--checkpoint',
      `${name}.safetensors`,
      '--out',
      `${name}.onnx`,
      '--json',
      '-',
    ];
    const { code, stdout, stderr } = await lowformer(args, { cwd });
    expect(code, stderr).toBe(0);
    const bytes = statSync(file).size;
    expect(JSON.parse(stdout)).toEqual({ file: `${name}.onnx`, bytes, inputs: ['input'], outputs });
    expect(stderr).toContain(`${name}.onnx: ${(bytes / 1e6).toFixed(1)} MB, inputs of any batch, height and width\n`);
    expect(filesIn(cwd).filter((path) => path.endsWith('.tmp'))).toEqual([]);
  });

  test('carries its weights, and runs at sizes that it has not seen as forward does', async () => {
    const sizes = [
      [1, 3, 64, 96],
      [2, 3, 75, 101],
    ] as const;
    const inputs = sizes.map((shape): Tensor => ({ shape, data: formulaInput(`input.${shape.join('x')}`, shape) }));
    const exported = await runOnnx(readFileSync(file), ...inputs.map((input): Tensors => ({ input })));
    for (const [i, input] of inputs.entries()) {
      await writeSafetensors(join(cwd, 'in.safetensors'), { input });
      const args = ['--checkpoint', `${name}.safetensors`, '--input', 'in.safetensors', '--out', 'out.safetensors'];
      const { code, stderr } = await lowformer(['forward', `${name}.json`, ...args], { cwd });
      expect(code, stderr).toBe(0);
      const forward = await readSafetensors(join(cwd, 'out.safetensors'));
      for (const output of outputs) {
        const reference = forward[output];
        if (reference === undefined) throw new Error(`forward gives no ${output}`);
        expect(relativeError(exported[`${i}.${output}`], reference), output).toBeLessThan(1e-5);
      }
    }
  });

  test('says which config it is of and what wrote it, and nothing of this machine', () => {
    const bytes = readFileSync(file);
    for (const text of [`${name}.json`, 'lowformer', packageVersion()]) expect(bytes.includes(text), text).toBe(true);
    expect(bytes.includes(cwd)).toBe(false);
  });

  test('names its input and outputs, with batch, height and width free', async () => {
    const session = await ort.InferenceSession.create(readFileSync(file), { logSeverityLevel: 3 });
    expect(session.inputNames).toEqual(['input']);
    expect(session.outputNames).toEqual(outputs);
    const [input] = session.inputMetadata;
    const shape = input?.isTensor === true ? input.shape : [];
    expect(shape).toHaveLength(4);
    expect(shape[1]).toBe(3);
    for (const axis of [0, 2, 3]) expect(shape[axis]).toBeTypeOf('string');
    await session.release();
  });

  test('satisfies onnx.checker', needs('onnx', hasPythonPackage('onnx')), () => {
    execFileSync(PYTHON, ['-c', CHECK, file]);
  });
});

test('writes float16 on request: half the weights, told in the metadata, and the same network', async () => {
  await writeModel(cwd, 'half', detector);
  const write = async (precision: string) => {
    const args = ['--checkpoint', 'half.safetensors', '--out', `${precision}.onnx`, '--precision', precision];
    const { code, stderr } = await lowformer(['export', 'half.json', ...args], { cwd });
    expect(code, stderr).toBe(0);
    return readFileSync(join(cwd, `${precision}.onnx`));
  };
  const [whole, half] = [await write('float32'), await write('float16')];
  expect(half.length).toBeLessThan(0.65 * whole.length);
  expect(half.includes('precision\x12\x07float16')).toBe(true);
  const input: Tensor = { shape: [1, 3, 64, 96], data: formulaInput('input.64x96', [1, 3, 64, 96]) };
  const [expected, actual] = [await runOnnx(whole, { input }), await runOnnx(half, { input })];
  for (const [name, reference] of Object.entries(expected)) {
    expect(relativeError(actual[name], reference), name).toBeLessThan(4e-3);
  }
});

test('a network that takes multiples of 32 alone: says so, and runs there as forward does', async () => {
  const checkpoint = ['--checkpoint', 'multiples.safetensors'];
  await writeModel(cwd, 'multiples', onMultiplesOf32(detector));
  const exported = await lowformer(['export', 'multiples.json', ...checkpoint, '--out', 'multiples.onnx'], { cwd });
  expect(exported.code, exported.stderr).toBe(0);
  expect(exported.stderr).toContain('inputs of any batch, height and width that 32 divides\n');
  const shape = [1, 3, 64, 96];
  const input: Tensor = { shape, data: formulaInput('input', shape) };
  await writeSafetensors(join(cwd, 'multiples.in'), { input });
  const files = ['--input', 'multiples.in', '--out', 'multiples.out'];
  const { code, stderr } = await lowformer(['forward', 'multiples.json', ...checkpoint, ...files], { cwd });
  expect(code, stderr).toBe(0);
  const forward = await readSafetensors(join(cwd, 'multiples.out'));
  const outputs = Object.entries(await runOnnx(readFileSync(join(cwd, 'multiples.onnx')), { input }));
  expect(outputs).toHaveLength(10);
  for (const [name, output] of outputs) {
    const reference = forward[name];
    if (reference === undefined) throw new Error(`forward gives no ${name}`);
    expect(relativeError(output, reference), name).toBeLessThan(1e-5);
  }
});

test('windows that slide over pictures: the network that a window goes through, and how they slide', async () => {
  const test_cfg = { mode: 'slide', crop_size: [64, 96], stride: [43, 64] };
  await writeModel(cwd, 'slide', { ...segmentor, model: { ...segmentor.model, test_cfg } });
  const args = ['export', 'slide.json', '--checkpoint', 'slide.safetensors', '--out', 'slide.onnx'];
  const { code, stderr } = await lowformer(args, { cwd });
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(
    'the config slides windows of 64x96 by 43x64: the file holds the network that a window goes',
  );
  const bytes = readFileSync(join(cwd, 'slide.onnx')).toString('latin1');
  expect(bytes).toMatch(/crop_size[^[]+\[64,96\]/);
  expect(bytes).toMatch(/stride[^[]+\[43,64\]/);
});
