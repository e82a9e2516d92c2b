/** The command line on OpenVINO. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { needsOpenvino } from '../../engines/openvino/openvino_here.js';
import { lowformer, temporaryFolder } from '../command_line.js';
import { detector, drawPicture, expectMistake, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const model = ['det.json', '--checkpoint', 'det.safetensors'];
const detect = ['detect', ...model, 'a.png', '--json', '-'];

const boxesSchema = z.array(
  z.object({ detections: z.array(z.object({ bbox: z.array(z.number()), score: z.number(), category: z.string() })) }),
);

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  await writePicture(join(cwd, 'a.png'), drawPicture(120, 80));
});

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => lowformer(args, { cwd, env });

describe('with the library', needsOpenvino, () => {
  test('detects what ONNX Runtime detects, and writes to stderr nothing but progress', async () => {
    const [openvino, onnxruntime] = [await run([...detect, '--engine', 'openvino']), await run(detect)];
    expect(openvino.code, openvino.stderr).toBe(0);
    expect(openvino.stderr).toBe(onnxruntime.stderr);
    const [actual, expected] = [openvino, onnxruntime].map(({ stdout }) => boxesSchema.parse(JSON.parse(stdout))[0]);
    expect(actual?.detections).toHaveLength(20);
    for (const [i, { bbox, score, category }] of (expected?.detections ?? []).entries()) {
      const found = actual?.detections[i];
      expect(found?.category).toBe(category);
      expect(Math.abs((found?.score ?? 0) - score)).toBeLessThan(1e-5);
      for (const [side, value] of bbox.entries()) {
        expect(Math.abs((found?.bbox[side] ?? Number.NaN) - value)).toBeLessThan(1e-3);
      }
    }
  });

  test('doctor tells its version, where it lies, and what it calculates in', async () => {
    const { code, stdout } = await run(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^openvino +2026\.\d+\.\d+$/m);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /openvino device here by, or why not -+ -+ -+ cpu yes \/.* \(float32[;,]/,
    );
  });
});

test('without the library it is one message that says how to install it, and exit code 2', async () => {
  const message = expectMistake(await run([...detect, '--engine', 'openvino', '--quiet'], { LOWFORMER_OPENVINO: cwd }));
  expect(message).toMatch(/^LOWFORMER_OPENVINO: expected a folder with OpenVINO's library .* pip install "openvino/);
  const { code, stdout } = await run(['doctor'], { LOWFORMER_OPENVINO: cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^openvino +not installed$/m);
});

test('bfloat16 is refused by engines that do not have it, and by what writes files', async () => {
  const refused = expectMistake(await run([...detect, '--precision', 'bfloat16', '--quiet']));
  expect(refused).toBe(
    "precision: expected nothing but float32 or float16 of the engine onnxruntime but received 'bfloat16'. The engine openvino offers it.",
  );
  const file = expectMistake(
    await run(['export', ...model, '--precision', 'bfloat16', '--out', 'det.onnx', '--quiet']),
  );
  expect(file).toMatch(/^--precision: expected float32 or float16 for a file but received 'bfloat16'\. Export float32/);
});
