/** Commands are read from the disk when they are called; what stands for them until then says the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Help } from 'commander';
import { describe, expect, test } from 'vitest';
import { COMMANDS, calledCommands, loadCommand } from '../../tools/command_table.js';
import { ROOT } from '../workspace.js';
import { lowformer, temporaryFolder } from './command_line.js';

const { signal } = new AbortController();

describe('the outline of a command', () => {
  test.each(Object.entries(COMMANDS))('%s: its line in the help is its own', async (name, entry) => {
    const outlines = await calledCommands([], signal);
    const help = new Help();
    const line = outlines
      .filter((outline) => outline.name() === name)
      .map((outline) => [help.subcommandTerm(outline), help.subcommandDescription(outline)]);
    const whole = await loadCommand(entry, signal);
    expect(line).toEqual([[help.subcommandTerm(whole), help.subcommandDescription(whole)]]);
  });
});

describe('a call has', () => {
  const names = async (...args: readonly string[]) => (await calledCommands(args, signal)).map((one) => one.name());
  const all = Object.keys(COMMANDS);

  test.each([
    [['detect', '--help'], ['detect']],
    [['--nosuch', 'detect'], ['detect']],
    [['help', 'models', 'rm'], ['models']],
    [['--', 'score', 'coco'], ['score']],
    [[], all],
    [['--help'], all],
    [['--version'], all],
    [['help'], all],
    [['help', 'nosuch'], all],
    [['detec', 'detect'], all],
    [['constructor'], all],
  ])('%j', async (args, expected) => {
    expect(await names(...args)).toEqual(expected);
  });

  test('options when it is called, and none while it is an outline', async () => {
    const [detect] = await calledCommands(['detect'], signal);
    expect(detect?.options.length).toBeGreaterThan(10);
    for (const outline of await calledCommands([], signal)) expect(outline.options).toEqual([]);
  });
});

describe('what is loaded for', () => {
  const cwd = temporaryFolder();
  const trace = pathToFileURL(join(ROOT, 'test', 'tools', 'loaded_modules.js')).href;

  /** The packages, and the number of the toolkit's own modules, that a call loads. */
  async function loaded(args: readonly string[]) {
    const file = join(cwd, `${args.join('_')}.txt`);
    const { code, stderr } = await lowformer(args, {
      cwd,
      env: { LOADED_MODULES: file, NODE_OPTIONS: `--import=${trace}` },
    });
    expect(code, stderr).toBe(0);
    const modules = readFileSync(file, 'utf8')
      .split('\n')
      .filter((url) => url.startsWith('file:'));
    const packageOf = (url: string) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
    const packages = modules.flatMap((url) => packageOf(url) ?? []);
    return { packages: [...new Set(packages)].sort(), own: modules.length - packages.length };
  }

  test.each([['--version'], ['-V'], ['--help'], ['help']])('%s: no command, no schema, no runtime', async (arg) => {
    const { packages, own } = await loaded([arg]);
    expect(packages).toEqual(['commander']);
    expect(own).toBeGreaterThan(2);
    expect(own).toBeLessThanOrEqual(12);
  });

  test('the help of a command: no native library', async () => {
    const { packages } = await loaded(['detect', '--help']);
    expect(packages).toEqual(['commander', 'zod']);
  });
});
