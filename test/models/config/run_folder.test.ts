/** The folder of a training run is a config with weights, wherever a config is named. */
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openConfig } from '../../../models/open_config.js';
import { folderIn, lowformer, temporaryFolder } from '../../tools/command_line.js';
import { drawPicture, expectMistake, detector as tiny, writeModel, writePicture } from '../../tools/tiny_models.js';

const cwd = temporaryFolder();
const run = folderIn(cwd, 'runs/first');
const file = (name: string) => join(run, name);

beforeAll(async () => {
  await writeModel(cwd, 'tiny', tiny);
  await writePicture(join(cwd, 'picture.png'), drawPicture(96, 64));
  copyFileSync(join(cwd, 'tiny.json'), file('config.json'));
  copyFileSync(join(cwd, 'tiny.safetensors'), file('last.safetensors'));
  // What else stands in the folder of a run is no config.
  for (const name of ['resume.safetensors', 'log.jsonl', 'report.html']) writeFileSync(file(name), '');
});

test('the best weights count, and the last where there are no best', async () => {
  expect((await openConfig(run)).checkpoint).toBe(file('last.safetensors'));
  copyFileSync(file('last.safetensors'), file('best.safetensors'));
  const opened = await openConfig(run, ['model.test_cfg.score_thr=0.25']);
  expect(opened.checkpoint).toBe(file('best.safetensors'));
  expect(opened.config.sources).toEqual([file('config.json'), run, '--cfg-options']);
  expect(opened.metaInfo?.classes).toEqual(tiny.metainfo.classes);
});

test('what the config of the run itself was started with does not count', async () => {
  writeFileSync(file('config.json'), JSON.stringify({ ...tiny, load_from: 'https://example.org/start.pth' }));
  expect((await openConfig(run)).checkpoint).toBe(file('best.safetensors'));
});

test('commands take it as they take a config with --checkpoint', async () => {
  const detect = (...model: readonly string[]) => lowformer(['detect', ...model, 'picture.png', '--quiet'], { cwd });
  const [folder, files] = [await detect('runs/first/'), await detect('tiny.json', '--checkpoint', 'tiny.safetensors')];
  expect({ code: folder.code, stderr: folder.stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(folder.stdout)).toEqual(JSON.parse(files.stdout));
  const inspected = await lowformer(['inspect', 'runs/first', '--json', '-', '--quiet'], { cwd });
  expect(inspected.code, inspected.stderr).toBe(0);
});

test('a run without weights yet is said to be one', async () => {
  const early = folderIn(cwd, 'runs/early');
  copyFileSync(join(cwd, 'tiny.json'), join(early, 'config.json'));
  expect(expectMistake(await lowformer(['detect', 'runs/early', 'picture.png'], { cwd }))).toBe(
    "runs/early: expected a config file, but it is a directory. It holds config.json. A training run's has best.safetensors or last.safetensors beside it, and is taken as it is.",
  );
  rmSync(early, { recursive: true });
});
