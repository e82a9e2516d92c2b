/** `--checkpoint-key` beside every `--checkpoint`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { openConfig } from '../../models/open_config.js';
import { COMMANDS, loadCommand } from '../../tools/command_table.js';
import { formulaNetwork } from '../run_network.js';
import { torchFile } from '../weights/torch_file.js';
import { lowformer, temporaryFolder } from './command_line.js';
import { detector, expectMistake } from './tiny_models.js';

test('every command that takes a checkpoint takes a key', async () => {
  const { signal } = new AbortController();
  const commands = await Promise.all(Object.values(COMMANDS).map((entry) => loadCommand(entry, signal)));
  const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];
  const taking = commands
    .flatMap(all)
    .filter(({ options }) => options.some(({ long }) => long === '--checkpoint'))
    .map((command) => [command.name(), command.options.some(({ long }) => long === '--checkpoint-key')]);
  expect(taking.length).toBeGreaterThan(7);
  expect(taking.filter(([, taken]) => taken !== true)).toEqual([]);
});

describe('a file of two sets', () => {
  const cwd = temporaryFolder();

  beforeAll(async () => {
    writeFileSync(join(cwd, 'det.json'), JSON.stringify(detector));
    const { model } = await openConfig(join(cwd, 'det.json'));
    const { parameters } = formulaNetwork(model.wholeGraph);
    const names = [...model.wholeGraph.parameters.keys()];
    const weights = Object.fromEntries(names.map((name) => [`module.${name}`, parameters(name)]));
    writeFileSync(join(cwd, 'two.pth'), torchFile({ model: weights, model_ema: weights, step: 3 }));
  });
  const inspect = (...args: readonly string[]) =>
    lowformer(['inspect', 'det.json', '--checkpoint', 'two.pth', '--json', 'out.json', ...args], { cwd });

  test('is refused without a key, with the way out', async () => {
    expect(expectMistake(await inspect())).toContain(
      '["model_ema","model"]. Name the one you want: --checkpoint-key model_ema.',
    );
  });

  test('is read with one', async () => {
    const { code, stderr } = await inspect('--checkpoint-key', 'model');
    expect(stderr).toMatch(/two\.pth: loaded (\d+) of \1 parameters/);
    expect(code).toBe(0);
  });

  test('names its keys where the key is wrong', async () => {
    expect(expectMistake(await inspect('--checkpoint-key', 'ema'))).toContain(
      `under 'ema' but received ["model","model_ema","step"]`,
    );
  });
});
