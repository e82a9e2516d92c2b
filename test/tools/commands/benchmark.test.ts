import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { blocksSchema } from '../../../measuring/blocks/record.js';
import { paperSchema } from '../../../measuring/paper/record.js';
import { benchmarkSchema } from '../../../measuring/record.js';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';
import { classifier, detector, expectMistake, onMultiplesOf32, segmentor, writeModel } from '../tiny_models.js';

const cwd = temporaryFolder();
const read = (file: string): unknown => JSON.parse(readFileSync(join(cwd, file), 'utf8'));

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  await writeModel(cwd, 'seg', segmentor);
  await writeModel(cwd, 'cls', classifier);
  writeFileSync(join(cwd, 'by32.json'), JSON.stringify(onMultiplesOf32(classifier)));
});

const run = (...args: readonly string[]) => lowformer(['benchmark', ...args], { cwd });

describe('lowformer benchmark', () => {
  test('networks x sizes x batch sizes, as table, JSON and plot', async () => {
    const sizes = ['--sizes', '64x96', '32x32', '--batches', '1', '2', '--rounds', '6', '--warm-up', '1'];
    const outputs = ['--json', 'all.json', '--plot', 'all.svg', '--out', 'all'];
    const { code, stdout, stderr } = await run('cls.json', 'seg.json', ...sizes, ...outputs);
    expect(code, stderr).toBe(0);
    const record = benchmarkSchema.parse(read('all.json'));
    expect(record).toMatchObject({
      kind: 'benchmark',
      complete: true,
      settings: { engine: 'onnxruntime', precision: 'float32', rounds: 6, warm_up: 1 },
    });
    const cells = record.results.map(({ config, size, batch }) => `${config} ${size.height}x${size.width} ${batch}`);
    expect(cells.toSorted()).toEqual(
      ['cls.json', 'seg.json'].flatMap((config) =>
        ['32x32', '64x96'].flatMap((size) => [1, 2].map((batch) => `${config} ${size} ${batch}`)),
      ),
    );
    for (const { batch, macs, milliseconds, times, memory, ...result } of record.results) {
      expect(times).toHaveLength(6);
      expect(milliseconds.q25).toBeLessThanOrEqual(milliseconds.median);
      expect(milliseconds.median).toBeLessThanOrEqual(milliseconds.q75);
      expect(result.pictures_per_second).toBeCloseTo((1000 * batch) / milliseconds.median, 6);
      expect(result.macs_per_second / (macs * result.pictures_per_second)).toBeCloseTo(1, 9);
      expect(memory?.peak_bytes).toBeGreaterThan(3e7);
      expect(result.weights).toBe('initial');
    }
    expect(record.comparisons).toHaveLength(4);
    for (const { first, second, verdict } of record.comparisons) {
      expect([first, second]).toEqual(['cls.json on cpu', 'seg.json on cpu']);
      if (verdict === 'unclear') expect(stdout).toContain('no winner: ');
    }
    const named = record.comparisons.filter(({ verdict }) => verdict !== 'unclear');
    expect(stdout.match(/is faster: it takes/g) ?? []).toHaveLength(named.length);
    expect(stdout).toMatch(/^network +device +size +batch +ms \(middle half\) +pictures\/s/);
    expect(readFileSync(join(cwd, 'all.svg'), 'utf8')).toMatch(/^<svg[\s\S]+cls\.json/);
    const [json = '', table = '', plot = ''] = filesIn(join(cwd, 'all'));
    expect([json, table, plot].map((name) => name.replace(/^benchmark_.+_.+_.+\./, ''))).toEqual(['json', 'md', 'png']);
    expect(read(`all/${json}`)).toEqual(read('all.json'));
    expect(readFileSync(join(cwd, 'all', table), 'utf8')).toMatch(/^# Benchmark\n\n\| network \| device \|/);
    expect((await sharp(join(cwd, 'all', plot)).metadata()).width).toBeGreaterThan(600);
  });

  test('stages of the whole way, with a checkpoint', async () => {
    const args = ['--stages', '--checkpoint', 'det.safetensors', '--size', '64x96', '--rounds', '2', '--no-memory'];
    const { code, stdout, stderr } = await run('det.json', ...args, '--device', 'cpu', '--json', '-');
    expect(code, stderr).toBe(0);
    const { results, comparisons } = benchmarkSchema.parse(JSON.parse(stdout));
    expect(comparisons).toEqual([]);
    const [{ stages, memory, weights, milliseconds } = {}] = results;
    expect(memory).toBeUndefined();
    expect(weights).toBe('det.safetensors');
    expect(stages?.network).toEqual(milliseconds);
    for (const stage of [stages?.file, stages?.prepare, stages?.decode]) expect(stage?.median).toBeGreaterThan(0);
  });

  test('backbones alone, and a table without --json', async () => {
    const { code, stdout, stderr } = await run('det.json', '--backbone', '--rounds', '1', '--no-memory', '--quiet');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^det\.json \(backbone\) +cpu +512x512 +1 /m);
  });

  test('in float16, and with the other engine', async () => {
    const small = ['cls.json', '--sizes', '32x32', '--rounds', '1', '--json', '-'];
    for (const [option, value] of [
      ['precision', 'float16'],
      ['engine', 'tfjs'],
    ] as const) {
      const { code, stdout, stderr } = await run(...small, `--${option}`, value);
      expect(code, stderr).toBe(0);
      const { settings, results } = benchmarkSchema.parse(JSON.parse(stdout));
      expect(settings[option]).toBe(value);
      expect(results[0]?.memory?.network_bytes).toBeGreaterThan(0);
    }
  });

  test('interrupted: what was measured is kept, marked, and the exit code is that of the signal', async () => {
    const args = ['det.json', 'cls.json', '--sizes', '64x64', '--batches', '1', '2', '--rounds', '100', '--no-memory'];
    const { code, stdout, stderr } = await lowformer(['benchmark', ...args, '--json', 'cut.json'], {
      cwd,
      interrupt: { signal: 'SIGINT', at: /^\[1\/2\]/m },
    });
    expect(code, stderr).toBe(130);
    expect(stderr).toMatch(/\nlowformer: interrupted\n$/);
    const record = benchmarkSchema.parse(read('cut.json'));
    expect(record.complete).toBe(false);
    expect(record.results.filter(({ batch }) => batch === 1).map(({ rounds }) => rounds)).toEqual([100, 100]);
    for (const { rounds, times } of record.results) expect(times).toHaveLength(rounds);
    expect(stdout).toMatch(/^Not complete: /);
  });
});

describe('lowformer benchmark paper', () => {
  test('puts each published ratio beside the measured one', async () => {
    const args = ['--pairs', 'b0:mobileone-s2', 'b0:cpubone-b0', '--rounds', '2', '--warm-up', '0', '--batch', '2'];
    const { code, stdout, stderr } = await run(
      'paper',
      ...args,
      '--no-memory',
      '--json',
      'paper.json',
      '--plot',
      'p.png',
    );
    expect(code, stderr).toBe(0);
    const record = paperSchema.parse(read('paper.json'));
    expect(record.complete).toBe(true);
    const ratios = record.pairs.map(({ name, ratios: found }) => [
      name,
      found.map(({ quantity, published, batch, direction }) => [quantity, published?.ratio, batch, direction]),
    ]);
    // Two rounds tell nothing: no direction is claimed.
    expect(ratios).toEqual([
      [
        'b0:mobileone-s2',
        [
          ['latency', 0.85, 1, 'unclear'],
          ['throughput', 2, 2, 'unclear'],
        ],
      ],
      [
        'b0:cpubone-b0',
        [
          ['latency', undefined, 1, null],
          ['throughput', undefined, 2, null],
        ],
      ],
    ]);
    const [first] = record.comparisons;
    expect(record.pairs[0]?.ratios[0]?.measured.ratio).toBe(first?.ratio);
    // The rounds of both pairs count for B0.
    const b0 = record.results.filter(({ config }) => config === 'lowformer-b0_in1k');
    expect(b0.map(({ batch, rounds }) => [batch, rounds])).toEqual([
      [1, 4],
      [2, 4],
    ]);
    expect(record.published.map(({ name, top1 }) => [name, top1])).toEqual([
      ['LowFormer-B0', 78.4],
      ['MobileOne-S2', 77.4],
      ['CPUBone-B0', 77.6],
    ]);
    expect(stdout).toMatch(/^The paper: GPU throughput on an NVIDIA A40/);
    expect(stdout).toMatch(/lowformer-b0_in1k +mobileone-s2_in1k +latency +GPU +cannot be told +0\.850 +1 /);
    expect((await sharp(join(cwd, 'p.png')).metadata()).width).toBeGreaterThan(600);
  });
});

describe('lowformer benchmark blocks', () => {
  const small = ['--channels', '8', '--maps', '4', '8', '--rounds', '6', '--warm-up', '1'];

  test('times every comparison, with a finding each', async () => {
    const { code, stdout, stderr } = await run('blocks', ...small, '--json', 'blocks.json', '--plot', 'blocks.png');
    expect(code, stderr).toBe(0);
    const { comparisons, complete, settings } = blocksSchema.parse(read('blocks.json'));
    expect([complete, settings.rounds]).toEqual([true, 6]);
    expect(comparisons.map(({ name }) => name)).toEqual(['fusion', 'depthwise', 'attention', 'depth']);
    for (const { cells, finding } of comparisons) {
      expect(cells.map(({ channels, side }) => [channels, side])).toEqual([
        [8, 4],
        [8, 8],
      ]);
      for (const { verdict, choice, pays } of cells) {
        expect(pays).toBe(
          verdict === 'unclear' ? verdict : (verdict === 'faster') === (choice === 'first') ? 'yes' : 'no',
        );
      }
      expect(finding).toMatch(/^LowFormer .+ times as many MACs a second as \w+\.$/);
      expect(stdout).toContain(finding);
    }
    expect((await sharp(join(cwd, 'blocks.png')).metadata()).height).toBeGreaterThan(600);
  });

  test('interrupted by the system: what was measured is kept', async () => {
    const args = ['blocks', ...small, '--only', 'fusion', 'depth', '--rounds', '200', '--json', 'cut_blocks.json'];
    const { code, stderr } = await lowformer(['benchmark', ...args], {
      cwd,
      interrupt: { signal: 'SIGTERM', at: /^\[1\/4\]/m },
    });
    expect(code, stderr).toBe(143);
    const { complete, comparisons } = blocksSchema.parse(read('cut_blocks.json'));
    expect(complete).toBe(false);
    expect(comparisons[0]?.cells[0]?.rounds).toBe(200);
  });
});

describe.concurrent('mistakes are known before anything is measured', () => {
  test.each([
    [['cls.json', '--batch', '0'], /^option '--batches, --batch <n\.\.\.>' argument '0' is invalid\. Expected a whole/],
    [['cls.json', '--rounds', '0'], /^option '--rounds <n>' argument '0' is invalid/],
    [['cls.json', '--sizes', '64'], /argument '64' is invalid\. Expected HEIGHTxWIDTH in pixels, such as 512x640\.$/],
    [
      ['by32.json', '--sizes', '64x64', '33x64'],
      /^by32\.json at 33x64: expected a height and width that are multiples of 32 but received '33x64'\. The next larger/,
    ],
    [['cls.json', '--devices', 'cpu', 'cudda'], /^device: expected a device of this machine: cpu\b.* received 'cudda'/],
    [['cls.json', '--engine', 'none'], /^engine: expected one of onnxruntime.* but received 'none'/],
    [['cls.json', 'nothing.json'], /^config: expected a config file that exists .+ but received 'nothing\.json'/],
    [['cls.json', '--checkpoint', 'a', 'b'], /^--checkpoint: expected one file, one for each config .+ received 2$/],
    [['cls.json', '--checkpoint', 'none.pth'], /^none\.pth: expected a checkpoint file\. There is no such file\.$/],
    [['cls.json', '--plot', 'plot.gif'], /^--plot: expected a file name that ends in \.svg or \.png but received/],
    [['cls.json', '--json', 'cls.json/out.json'], /^cls\.json\/out\.json: expected a place that can be written to\./],
    [['cls.json', '--stages', '--picture', 'none.jpg'], /^none\.jpg: expected a picture\. There is no such file\.$/],
    [['cls.json', '--stages', '--backbone'], /^--stages: expected a whole network: a backbone alone has nothing/],
    [
      ['det.json', '--stages', '--sizes', '40x40'],
      /^--sizes: .+ that det\.json does not pad but received '40x40'\. It/,
    ],
    [
      ['cls.json', '--batches', '10000000'],
      /^--batches: expected a batch of 224x224 for which the memory is enough but/,
    ],
    [['paper', '--pairs', 'b0:b1'], /^--pairs: expected one of b0:mobileone-s2, .+ but received 'b0:b1'$/],
    [['paper', '--device', 'cudda'], /^device: expected a device of this machine: cpu\b.* received 'cudda'/],
    [['blocks', '--only', 'fuse'], /^option '--only <name\.\.\.>' argument 'fuse' is invalid\. Allowed choices are/],
    [['blocks', '--channels', '0'], /^option '--channels <n\.\.\.>' argument '0' is invalid/],
  ])('%j', async (args, message) => {
    expect(expectMistake(await run(...args))).toMatch(message);
    expect(existsSync(join(cwd, 'plot.gif'))).toBe(false);
  });

  test('a device that is not there', async ({ skip }) => {
    const { stdout } = await lowformer(['doctor', '--json', '-'], { cwd });
    if (/"name": "cuda",\s+"available": true/.test(stdout)) skip('there is a CUDA device here');
    expect(expectMistake(await run('cls.json', '--device', 'cuda', '--json', 'cuda.json'))).toMatch(
      /^device: expected a device of this machine: cpu\b.* but received 'cuda'/,
    );
    expect(existsSync(join(cwd, 'cuda.json'))).toBe(false);
  });
});
