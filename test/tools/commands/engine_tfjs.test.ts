/** The command line on the second engine. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readSafetensors, writeSafetensors } from '../../../weights/safetensors.js';
import { ramp } from '../../engines/models.js';
import { relativeError } from '../../run_network.js';
import { lowformer, temporaryFolder } from '../command_line.js';
import { detector, drawPicture, expectMistake, segmentor, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const model = ['det.json', '--checkpoint', 'det.safetensors'];

const boxesSchema = z.array(
  z.object({ detections: z.array(z.object({ bbox: z.array(z.number()), score: z.number(), category: z.string() })) }),
);
const labelsSchema = z.array(z.object({ classes: z.array(z.looseObject({ pixels: z.number() })) }));

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  await writeModel(cwd, 'seg', segmentor);
  await writePicture(join(cwd, 'a.png'), drawPicture(120, 80));
});

const run = (...args: string[]) => lowformer(args, { cwd });

describe.concurrent('--engine tfjs', () => {
  test('detects what ONNX Runtime detects, and writes to stderr nothing but progress', async () => {
    const detect = ['detect', ...model, 'a.png', '--json', '-'];
    const [tfjs, onnxruntime] = await Promise.all([run(...detect, '--engine', 'tfjs'), run(...detect)]);
    expect(tfjs.code, tfjs.stderr).toBe(0);
    expect(tfjs.stderr).toBe(onnxruntime.stderr);
    const [actual, expected] = [tfjs, onnxruntime].map(({ stdout }) => boxesSchema.parse(JSON.parse(stdout))[0]);
    expect(actual?.detections).toHaveLength(20);
    for (const [i, { bbox, score, category }] of (expected?.detections ?? []).entries()) {
      const found = actual?.detections[i];
      expect(found?.category).toBe(category);
      expect(Math.abs((found?.score ?? 0) - score)).toBeLessThan(1e-4);
      for (const [side, value] of bbox.entries()) {
        expect(Math.abs((found?.bbox[side] ?? Number.NaN) - value)).toBeLessThan(0.01);
      }
    }
  });

  test('segments', async () => {
    const segment = ['segment', 'seg.json', '--checkpoint', 'seg.safetensors', 'a.png', '--json', '-'];
    const [tfjs, onnxruntime] = await Promise.all([run(...segment, '--engine', 'tfjs'), run(...segment)]);
    expect(tfjs.code, tfjs.stderr).toBe(0);
    const [actual, expected] = [tfjs, onnxruntime].map(({ stdout }) => labelsSchema.parse(JSON.parse(stdout))[0]);
    expect(actual?.classes.length).toBeGreaterThan(1);
    expect(actual).toEqual(expected);
  });

  test('gives the raw outputs of forward', async () => {
    await writeSafetensors(join(cwd, 'in.safetensors'), { input: ramp([1, 3, 75, 101]) });
    const forward = (engine: string) =>
      run('forward', ...model, '--engine', engine, '--input', 'in.safetensors', '--out', `${engine}.safetensors`);
    for (const { code, stderr } of [await forward('tfjs'), await forward('onnxruntime')]) expect(code, stderr).toBe(0);
    const expected = await readSafetensors(join(cwd, 'onnxruntime.safetensors'));
    const actual = await readSafetensors(join(cwd, 'tfjs.safetensors'));
    expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted());
    for (const [name, tensor] of Object.entries(expected)) {
      expect(relativeError(actual[name], tensor), name).toBeLessThan(1e-5);
    }
  });

  test('a device that it does not have is one message and exit code 2', async () => {
    const message = expectMistake(
      await run('detect', ...model, 'a.png', '--engine', 'tfjs', '--device', 'cuda', '--quiet'),
    );
    expect(message).toMatch(/^device: expected a device of the engine tfjs: cpu, webgpu but received 'cuda'/);
  });

  test('an engine that there is not is one message and exit code 2', async () => {
    const message = expectMistake(await run('detect', ...model, 'a.png', '--engine', 'tfj', '--quiet'));
    expect(message).toBe("engine: expected one of onnxruntime, openvino, tfjs but received 'tfj'. Did you mean tfjs?");
  });
});
