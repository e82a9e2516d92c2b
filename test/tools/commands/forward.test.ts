import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readSafetensors, writeSafetensors } from '../../../weights/safetensors.js';
import { formulaInput } from '../../formula_weights.js';
import { readReference } from '../../reference.js';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';
import { classifier, expectMistake, onMultiplesOf32, writeModel, writeWeights } from '../tiny_models.js';

const cwd = temporaryFolder();
const referenceSchema = z.object({ model: z.unknown() });

/** What mmdet and mmseg computed from formula weights, by way of a config and a checkpoint on disk. */
describe.each([
  ['detectors/retinanet_lowformer_b0', /^(p|cls|reg)\d$/, 15],
  ['segmentors/fpn_b0_odd', /^logits$/, 1],
])('lowformer forward, %s', (name, outputs, count) => {
  test('equals the reference', async () => {
    // The model as it stands there, training keys and all, and nothing else: enough for the bare network.
    const reference = readReference(name);
    const { model } = referenceSchema.parse(reference.description);
    writeFileSync(join(cwd, 'model.json'), JSON.stringify({ model }));
    await writeWeights(join(cwd, 'model.safetensors'), model, 'formula');
    await writeSafetensors(join(cwd, 'in.safetensors'), { input: reference.input('input') });
    const args = ['--checkpoint', 'model.safetensors', '--input', 'in.safetensors', '--out', 'out.safetensors'];
    const { code, stdout, stderr } = await lowformer(['forward', 'model.json', ...args], { cwd });
    expect([code, stdout], stderr).toEqual([0, '']);
    const given = await readSafetensors(join(cwd, 'out.safetensors'));
    const compared = reference.outputs.filter((key) => outputs.test(key));
    expect(compared).toHaveLength(count);
    expect(Object.keys(given)).toEqual(expect.arrayContaining(['c2', 'c3', 'c4', 'c5']));
    for (const key of compared) expect(reference.error(key, given[key]), key).toBeLessThan(1e-5);
  });
});

describe('lowformer forward', () => {
  beforeAll(() => writeModel(cwd, 'cls', classifier));
  const run = (...more: readonly string[]) =>
    lowformer(['forward', 'cls.json', '--checkpoint', 'cls.safetensors', '--out', 'given.safetensors', ...more], {
      cwd,
    });

  test('takes batches, and names what it wrote with --json', async () => {
    const shape = [2, 3, 75, 101];
    await writeSafetensors(join(cwd, 'two.safetensors'), { input: { shape, data: formulaInput('input', shape) } });
    const { code, stdout, stderr } = await run('--input', 'two.safetensors', '--json', '-', '--quiet');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      file: 'given.safetensors',
      tensors: [
        { name: 'c2', shape: [2, 8, 19, 26] },
        { name: 'c3', shape: [2, 8, 10, 13] },
        { name: 'c4', shape: [2, 16, 5, 7] },
        { name: 'c5', shape: [2, 16, 3, 4] },
        { name: 'logits', shape: [2, 7] },
      ],
    });
    const given = await readSafetensors(join(cwd, 'given.safetensors'));
    expect(Object.entries(given).map(([name, tensor]) => ({ name, shape: tensor.shape }))).toEqual(
      JSON.parse(stdout).tensors,
    );
  });

  test('refuses a size that the network cannot take, and names the next', async () => {
    await writeModel(cwd, 'multiples', onMultiplesOf32(classifier));
    const shape = [1, 3, 64, 101];
    await writeSafetensors(join(cwd, 'odd.safetensors'), { input: { shape, data: formulaInput('input', shape) } });
    const args = ['--checkpoint', 'multiples.safetensors', '--input', 'odd.safetensors', '--out', 'none.safetensors'];
    expect(expectMistake(await lowformer(['forward', 'multiples.json', ...args], { cwd }))).toBe(
      "input 'input': expected a height and width that are multiples of 32 but received '64x101'. " +
        'The next larger size is 64x128.',
    );
    expect(filesIn(cwd)).not.toContain('none.safetensors');
  });

  test.each([
    ['one channel', { input: { shape: [1, 1, 32, 32], data: new Float32Array(1024) } }, ' but received [1,1,32,32]'],
    [
      'no pixels',
      { input: { shape: [1, 3, 0, 32], data: new Float32Array() } },
      ' with at least one pixel but received [1,3,0,32]',
    ],
    ['no such tensor', { image: { shape: [1], data: new Float32Array(1) } }, ', but there is none of that name'],
  ])('refuses an input of %s', async (_, tensors, rest) => {
    await writeSafetensors(join(cwd, 'bad.safetensors'), tensors);
    const before = filesIn(cwd);
    const { code, stdout, stderr } = await run('--input', 'bad.safetensors', '--quiet');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`lowformer: bad.safetensors: expected a tensor 'input' of shape [N, 3, H, W]${rest}\n`);
    expect(filesIn(cwd)).toEqual(before);
  });
});
