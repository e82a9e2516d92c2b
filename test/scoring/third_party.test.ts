/** A dataset format and a metric from outside the package, in a project in which the package is installed. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { DATASET_FORMATS } from '../../scoring/formats/index.js';
import { METRICS } from '../../scoring/metrics/index.js';
import { drawnPicture } from '../data/temporary.js';
import { compile, run } from '../run_program.js';
import { createWorkspace, ROOT, tsconfigFor } from '../workspace.js';

const workspace = createWorkspace();
const cwd = workspace.folder;
afterAll(() => workspace[Symbol.dispose]());

/** The command line; `imports` is what Node runs first. */
async function lowformer(args: readonly string[], imports: readonly string[] = []) {
  const before = imports.flatMap((file) => ['--import', file]);
  return run(process.execPath, [...before, `${ROOT}dist/tools/lowformer.js`, ...args], cwd);
}

const DATA = ['./tiny_data.js'];
const truth = ['--annotations', 'boxes.tiny'];

describe('a project with a format and a metric of its own', () => {
  let complaints: string;
  beforeAll(async () => {
    cpSync(`${ROOT}test/fixtures/third_party`, cwd, { recursive: true });
    complaints = await compile(tsconfigFor(cwd, false));
    // Writes the checkpoint.
    await run(process.execPath, ['main.js'], cwd);
    for (const name of ['a', 'b', 'c']) {
      cpSync(join(ROOT, 'assets/blood_cells.jpg'), join(cwd, `pictures/${name}.jpg`), { recursive: true });
    }
    writeFileSync(join(cwd, 'pictures/d.png'), await drawnPicture(64, 48, 'png'));
    writeFileSync(join(cwd, 'boxes.tiny'), 'a cat 10 10 20 20\na dog 5 5 10 10\nb dog 1 2 30 40\nc\nd cat 0 0 4 4\n');
    const found = (image_id: string, category_name: string, bbox: readonly number[], score: number) => ({
      ...{ image_id, category_id: category_name === 'cat' ? 1 : 2, category_name, bbox, score },
    });
    const detections = [
      found('a', 'cat', [10, 10, 20, 20], 0.9),
      found('a', 'dog', [5, 5, 10, 10], 0.2),
      found('b', 'dog', [1, 2, 30, 20], 0.8),
    ];
    writeFileSync(join(cwd, 'found.json'), JSON.stringify(detections));
  });

  test('compiles: its types are known, and each misspelling is an error', () => expect(complaints).toBe(''));

  test('evaluates by both, which the config brings', async () => {
    const evaluate = ['evaluate', 'tiny_scored.ts', '--checkpoint', 'tiny.safetensors', '--images', 'pictures'];
    const metric = ['--metric', 'mean-area-error', '--json', '-', '--quiet'];
    const { code, stdout, stderr } = await lowformer([...evaluate, ...truth, ...metric]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const record = z.object({ pictures: z.number(), mean: z.number(), classes: z.array(z.string()) });
    const { pictures, mean, classes } = record.parse(JSON.parse(stdout));
    expect([pictures, classes]).toEqual([4, ['cat', 'dog']]);
    expect(Number.isFinite(mean)).toBe(true);
    const named = await lowformer([...evaluate, ...truth, ...metric, '--format', 'tiny']);
    expect(named.stdout).toBe(stdout);
    const coco = await lowformer([...evaluate, ...truth, '--json', '-', '--quiet']);
    expect(coco.stdout).toContain('"AP50"');
    const wrong = await lowformer([...evaluate, ...truth, '--metric', 'mean']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain(
      "option '--metric <name>' argument 'mean' is invalid. Allowed choices are coco, voc, mean-area-error.",
    );
  });

  test('scores results files by it, and its format by other metrics', async () => {
    const predictions = ['--predictions', 'found.json', '--json', '-', '--quiet'];
    const own = await lowformer(['score', 'mean-area-error', ...truth, ...predictions], DATA);
    expect(own.stderr).toBe('');
    // a: all of 500; b: 600 of 1200; c: nothing of nothing; d: none of 16.
    expect(JSON.parse(own.stdout)).toEqual({ pictures: 4, mean: (0 + 0.5 + 0 + 1) / 4, classes: ['cat', 'dog'] });
    const certain = ['--area-score', '0.5'];
    const some = await lowformer(['score', 'mean-area-error', ...truth, ...predictions, ...certain], DATA);
    expect(JSON.parse(some.stdout)).toMatchObject({ mean: (0.2 + 0.5 + 0 + 1) / 4 });
    const coco = await lowformer(['score', 'coco', ...truth, ...predictions], DATA);
    expect(JSON.parse(coco.stdout)).toMatchObject({ stats: { AP50: expect.closeTo(0.7525, 3) } });
    const scaled = await lowformer(['score', 'coco', ...truth, ...predictions, '--scale', '2'], DATA);
    expect(JSON.parse(scaled.stdout)).toMatchObject({ stats: { AP50: 0 } });
  });

  test('browses it', async () => {
    const sheet = ['browse', '--images', 'pictures', '--out', 'sheet.png', '--json', 'sheet.json', '--quiet'];
    const { code, stderr } = await lowformer([...sheet, ...truth, '--scale', '0.5'], DATA);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(existsSync(join(cwd, 'sheet.png'))).toBe(true);
    expect(JSON.parse(readFileSync(join(cwd, 'sheet.json'), 'utf8'))).toMatchObject({
      format: 'tiny',
      total_pictures: 4,
      classes: [
        { name: 'cat', objects: 2 },
        { name: 'dog', objects: 2 },
      ],
    });
  });

  test('stands in the help, and its option is its own', async () => {
    const { stdout } = await lowformer(['evaluate', '--help'], DATA);
    expect(stdout).toMatch(/--format <name>(?:(?! {2}--)[\s\S])*"tiny"/);
    expect(stdout).toMatch(/--metric <name>[^-]*"mean-area-error"/);
    expect(stdout).toContain('--scale <n>');
    expect(stdout).toContain('--area-score <p>');
    writeFileSync(join(cwd, 'gt.json'), JSON.stringify({ images: [], categories: [], annotations: [] }));
    const score = ['score', 'coco', '--annotations', 'gt.json', '--predictions', 'found.json', '--scale', '2'];
    const { stderr } = await lowformer(score, DATA);
    expect(stderr).toContain("--scale: expected --format tiny but received 'coco'");
  });
});

test('names that are taken cannot be registered again', () => {
  const [coco, voc] = [DATASET_FORMATS.get('coco', 'here'), METRICS.get('voc', 'here')];
  expect(DATASET_FORMATS.register(coco)).toBe(coco);
  expect(METRICS.register(voc)).toBe(voc);
  expect(() => DATASET_FORMATS.register({ ...coco })).toThrow('expected a type that no dataset format has yet');
  expect(() => METRICS.register({ ...voc })).toThrow('expected a type that no metric has yet');
});
