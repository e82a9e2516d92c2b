/** What docs/many_machines.md gives to schedulers: what they would start is started, for two shards, and merged into the whole. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { needs } from '../needs.js';
import { run } from '../run_program.js';
import { lowformer, temporaryFolder } from '../tools/command_line.js';
import { detector, drawPicture, writeModel, writePicture } from '../tools/tiny_models.js';
import { documents } from './documents.js';

const { blocks } = documents.find(({ path }) => path === 'docs/many_machines.md') ?? expect.fail('no document');
const block = (language: string, start: string) =>
  blocks.find((one) => one.language === language && one.code.startsWith(start))?.code ?? expect.fail(`no ${start}`);
const cwd = temporaryFolder();

/** The calls of `lowformer` in a script, as a shell would make them. */
async function callsOf(script: string, variables: Readonly<Record<string, string>>): Promise<readonly string[][]> {
  const given = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`);
  const shell = `${given.join('')}srun() { "$@"; }\nlowformer() { printf '%s\\0' "$@"; printf '\\n\\0'; }\n${script}`;
  const { code, stdout, stderr } = await run('sh', ['-euc', shell], cwd);
  expect([code, stderr]).toEqual([0, '']);
  const calls: string[][] = [[]];
  for (const word of stdout.split('\0').slice(0, -1)) {
    if (word === '\n') calls.push([]);
    else calls.at(-1)?.push(word);
  }
  return calls.slice(0, -1);
}

async function call(args: readonly string[]): Promise<void> {
  const { code, stderr } = await lowformer(args, { cwd });
  expect(code, stderr).toBe(0);
}

beforeAll(async () => {
  await writeModel(cwd, 'config', detector);
  copyFileSync(join(cwd, 'config.safetensors'), join(cwd, 'model.safetensors'));
  mkdirSync(join(cwd, 'images'));
  const images = [0, 1, 2, 3].map((id) => ({ id, file_name: `${id}.png`, width: 60, height: 40 }));
  for (const { id, file_name } of images) {
    await writePicture(join(cwd, 'images', file_name), drawPicture(60, 40, 40 * id));
  }
  const categories = [7, 3, 12].map((id, i) => ({ id, name: detector.metainfo.classes[i] }));
  const annotations = images.map(({ id }) => {
    return { id: id + 1, image_id: id, category_id: 7, bbox: [10, 3, 20, 20], area: 400, iscrowd: 0 };
  });
  writeFileSync(join(cwd, 'annotations.json'), JSON.stringify({ images, categories, annotations }));
  const data = ['--images', 'images', '--annotations', 'annotations.json'];
  await call(['evaluate', 'config.json', '--checkpoint', 'model.safetensors', ...data, '--predictions', 'whole.json']);
});

/** Runs both shards, and merges them as the document says. */
async function expectWhole(name: string, calls: readonly (readonly string[])[]): Promise<void> {
  rmSync(join(cwd, 'parts'), { recursive: true, force: true });
  for (const args of calls) await call(args);
  const merging = block('text', '$ lowformer score coco').replace(/^\$ /, '');
  const merged = await callsOf(merging, {});
  expect(merged).toHaveLength(1);
  const kept = calls.map((args) => args.at(-1) ?? '');
  expect(new Set(kept).size).toBe(2);
  for (const args of merged) await call([...args, '--json', `${name}.figures.json`]);
  await call([
    'score',
    'coco',
    '--annotations',
    'annotations.json',
    '--predictions',
    'whole.json',
    '--json',
    'whole.figures.json',
  ]);
  expect(readFileSync(join(cwd, `${name}.figures.json`), 'utf8')).toBe(
    readFileSync(join(cwd, 'whole.figures.json'), 'utf8'),
  );
}

const jobSchema = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    completionMode: z.literal('Indexed'),
    completions: z.int(),
    parallelism: z.int(),
    backoffLimitPerIndex: z.int(),
    template: z.strictObject({
      spec: z.strictObject({
        restartPolicy: z.literal('Never'),
        volumes: z.array(z.object({ name: z.string() })),
        containers: z.tuple([
          z.strictObject({
            name: z.string(),
            image: z.string(),
            volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string() })),
            command: z.tuple([z.literal('sh'), z.literal('-c')]),
            args: z.tuple([z.string()]),
          }),
        ]),
      }),
    }),
  }),
});

describe('schedulers', needs('notWindows', process.platform !== 'win32'), () => {
  test('an Indexed Job of Kubernetes', async () => {
    const { spec } = jobSchema.parse(parse(block('yaml', 'apiVersion')));
    const [container] = spec.template.spec.containers;
    expect(container.volumeMounts.map(({ name }) => name)).toEqual(spec.template.spec.volumes.map(({ name }) => name));
    const [script] = container.args;
    expect(script).toContain(`/${spec.completions} `);
    const own = script.replaceAll('/data/', `${cwd}/`).replace(`/${spec.completions} `, '/2 ');
    const calls = await Promise.all(['0', '1'].map((index) => callsOf(own, { JOB_COMPLETION_INDEX: index })));
    await expectWhole('job', calls.flat());
  });

  test('an array of Slurm', async () => {
    const script = block('text', '#!/bin/bash');
    const [, first, last] = /^#SBATCH --array=(\d+)-(\d+)$/m.exec(script) ?? [];
    expect([first, Number(last) > 1]).toEqual(['1', true]);
    const task = (id: string) => callsOf(script, { SLURM_ARRAY_TASK_ID: id, SLURM_ARRAY_TASK_COUNT: '2' });
    await expectWhole('array', [...(await task('1')), ...(await task('2'))]);
  });
});
