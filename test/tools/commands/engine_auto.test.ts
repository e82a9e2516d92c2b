/** The command line with the engine left to measurement. */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LIBRARY, needsOpenvino } from '../../engines/openvino/openvino_here.js';
import { lowformer, temporaryFolder } from '../command_line.js';
import { detector, drawPicture, expectMistake, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const model = ['det.json', '--checkpoint', 'det.safetensors'];
const detect = ['detect', ...model, 'a.png', '--json', '-'];

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  await writePicture(join(cwd, 'a.png'), drawPicture(120, 80));
});

const without = { LOWFORMER_OPENVINO: cwd };
const run = (args: readonly string[], env: Readonly<Record<string, string>> = without) =>
  lowformer(args, { cwd, env: { LOWFORMER_CACHE: join(cwd, 'cache'), ...env } });

test('an engine that is alone is taken, and says why', async () => {
  const [auto, named] = await Promise.all([run([...detect, '--engine', 'auto']), run(detect)]);
  expect(auto.code, auto.stderr).toBe(0);
  expect(auto.stdout).toBe(named.stdout);
  expect(auto.stderr).toMatch(
    /^engine: onnxruntime, the only one here for this \(openvino: LOWFORMER_OPENVINO: expected a folder with OpenVINO's library/m,
  );
});

test('what evaluate keeps has the name of the engine, as if that had been asked for', async () => {
  const images = [1, 2].map((id) => ({ id, file_name: 'a.png', width: 120, height: 80 }));
  const categories = detector.metainfo.classes.map((name, i) => ({ id: detector.metainfo.category_ids[i], name }));
  await writeFile(join(cwd, 'gt.json'), JSON.stringify({ images, categories, annotations: [] }));
  const evaluate = ['evaluate', ...model, '--images', '.', '--annotations', 'gt.json', '--shard', '1/2'];
  const runOf = async (engine: string) => {
    const { code, stderr } = await run([...evaluate, '--engine', engine, '--predictions', `${engine}.json`]);
    expect(code, stderr).toBe(0);
    return z.looseObject({ run: z.string() }).parse(JSON.parse(await readFile(join(cwd, `${engine}.json`), 'utf8')))
      .run;
  };
  expect(await runOf('auto')).toBe(await runOf('onnxruntime'));
});

test('what is wrong with a dataset is told before engines are measured', async () => {
  const args = ['evaluate', ...model, '--images', '.', '--annotations', 'none.json', '--engine', 'auto'];
  const { code, stderr } = await run(args);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^lowformer: none\.json: /);
  expect(stderr).not.toContain('engine:');
});

test.each([
  [
    ['evaluate', ...model, '--images', '.', '--annotations', 'gt.json', '--queue', 'redis://127.0.0.1:1'],
    /^--engine: expected an engine by its name beside --queue/,
  ],
  [
    ['benchmark', 'det.json'],
    /^engine: expected one of onnxruntime, openvino, tfjs but received 'auto'\. It is for predicting/,
  ],
  [['train', 'det.json', '--work-dir', 'run'], /^--engine: expected an engine by its name: .* but received 'auto'/],
  [
    ['quantize', ...model, '--calibration', '.', '--out', 'q.onnx'],
    /^--engine: expected onnxruntime, which runs quantized networks/,
  ],
])('%s asks for a name', async (command, message) => {
  expect(expectMistake(await run([...command, '--engine', 'auto', '--quiet']))).toMatch(message);
});

const boxesSchema = z.array(
  z.object({ detections: z.array(z.object({ bbox: z.array(z.number()), score: z.number() })) }),
);

describe('with OpenVINO', needsOpenvino, () => {
  const here = { LOWFORMER_OPENVINO: LIBRARY?.replace(/[^/\\]+$/, '') ?? '' };

  test('the fastest is found, said and remembered, and its boxes are those of that engine alone', async () => {
    const folder = join(cwd, 'cache', 'engines');
    const first = await run([...detect, '--engine', 'auto'], here);
    expect(first.code, first.stderr).toBe(0);
    const [, name = '', file = ''] =
      /^engine: (\w+), measured: .*onnxruntime \S+ ms.* at \d+x\d+; remembered in (.+)$/m.exec(first.stderr) ?? [];
    expect(['onnxruntime', 'openvino']).toContain(name);
    expect(first.stderr).toMatch(/measured: .*openvino \S+ ms/);
    expect(readdirSync(folder).map((entry) => join(folder, entry))).toEqual([file]);
    const [again, alone, anew] = [
      await run([...detect, '--engine', 'auto'], here),
      await run([...detect, '--engine', name], here),
      await run([...detect, '--engine', 'auto', '--no-cache'], here),
    ];
    expect(again.stderr).toMatch(new RegExp(`^engine: ${name}, as measured before: `, 'm'));
    expect(anew.stderr).toMatch(/^engine: \w+, measured: .*; not remembered$/m);
    // OpenVINO's sums are not the same to the bit from run to run.
    for (const { stdout } of [first, again, anew]) expectNear(stdout, alone.stdout);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ engine: name });
  });
});

function expectNear(actual: string, expected: string): void {
  const [found, wanted] = [actual, expected].map((text) => boxesSchema.parse(JSON.parse(text))[0]?.detections ?? []);
  expect(found).toHaveLength(20);
  for (const [i, { bbox, score }] of (wanted ?? []).entries()) {
    expect(Math.abs((found?.[i]?.score ?? Number.NaN) - score)).toBeLessThan(1e-5);
    for (const [side, value] of bbox.entries()) {
      expect(Math.abs((found?.[i]?.bbox[side] ?? Number.NaN) - value)).toBeLessThan(1e-3);
    }
  }
}
