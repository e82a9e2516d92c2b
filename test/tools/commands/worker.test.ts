import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lowformer, temporaryFolder } from '../command_line.js';
import { detector, drawPicture, expectMistake, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
/** Nobody listens there. */
const NOWHERE = 'redis://:sesame@127.0.0.1:1';

describe('worker', () => {
  test.each([
    [['worker'], "required option '--queue <address>' not specified"],
    [['worker', '--queue', 'localhost'], "--queue: expected a Redis or Valkey server's address"],
    [['worker', '--queue', NOWHERE, '--path-map', '/data'], '--path-map: expected FROM=TO'],
  ])('%j is a mistake', async (args, expected) => {
    const message = expectMistake(await lowformer(args, { cwd }));
    expect(message).toContain(expected);
    expect(message).not.toContain('sesame');
  });

  test('says once that no server answers, and ends', async () => {
    // It is said by a process of the worker's own.
    const message = expectMistake(await lowformer(['worker', '--queue', NOWHERE], { cwd, process: 'own' }));
    expect(message).toContain('redis://127.0.0.1:1: expected a Redis or Valkey server that answers');
    expect(message).not.toContain('sesame');
  });
});

describe('evaluate --queue', () => {
  test.each([
    [['--threads', '2'], '--threads: expected no such option beside --queue'],
    [['--no-cache'], '--no-cache: expected no such option beside --queue'],
    [['--shard', '1/2', '--predictions', 'p.json'], '--shard: expected either --shard or --queue'],
    [[], 'redis://127.0.0.1:1: expected a Redis or Valkey server that answers'],
  ])('%j is a mistake', async (more, expected) => {
    await writeModel(cwd, 'det', detector);
    const args = [
      'evaluate',
      'det.json',
      '--checkpoint',
      'det.safetensors',
      '--images',
      '.',
      '--annotations',
      'gt.json',
    ];
    expect(expectMistake(await lowformer([...args, '--queue', NOWHERE, ...more], { cwd }))).toContain(expected);
  });
});

describe('detect --queue', () => {
  test.each([
    [['--out', 'found'], '--out: expected none beside --queue'],
    [['--engine', 'auto'], '--engine: expected an engine by its name beside --queue'],
  ])('%j is a mistake', async (more, expected) => {
    await writeModel(cwd, 'det', detector);
    await writePicture(join(cwd, 'a.png'), drawPicture(9, 6));
    const args = ['detect', 'det.json', 'a.png', '--checkpoint', 'det.safetensors', '--queue', NOWHERE];
    expect(expectMistake(await lowformer([...args, ...more], { cwd }))).toContain(expected);
  });
});
