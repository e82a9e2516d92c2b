/** Shell commands of the documents, which do what they are shown for: they run, with the built command. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { needs } from '../needs.js';
import { type Finished, run } from '../run_program.js';
import { COMMAND, lowformer } from '../tools/command_line.js';
import { createWorkspace } from '../workspace.js';
import { commandsOf, documents, writeBlocks } from './documents.js';
import { prepareFiles } from './prepared_files.js';

/** What a shell does besides giving a program its arguments: it has the command for itself then. */
const MORE_THAN_ARGUMENTS = /[|&;<>$`]/;

/** `npx lowformer …`, quotes and all, without the time that npx itself takes. */
async function runCommand(command: string, folder: string): Promise<Finished> {
  const shell = (npx: string) => {
    const script = `node=$1; program=$2; npx() { shift; ${npx}; }\n${command}`;
    return run('sh', ['-c', script, 'sh', process.execPath, COMMAND], folder);
  };
  if (MORE_THAN_ARGUMENTS.test(command)) return shell('"$node" "$program" "$@"');
  const { stdout } = await shell('printf \'%s\\0\' "$@"');
  return lowformer(stdout.split('\0').slice(0, -1), { cwd: folder, most: 300 });
}

/** The README shows what it prints: that is so, but for the times. */
const DEMO = 'npx lowformer demo';
const timeless = (text: string) => text.replace(/ +[\d.]+ ms$/gm, ' ms');

export const shown = documents
  .map(({ path, name, text, blocks }) => ({
    path,
    name,
    text,
    blocks,
    files: blocks.filter(({ fileName }) => fileName !== undefined),
    commands: blocks.filter(({ language }) => language === 'sh').flatMap(commandsOf),
  }))
  .filter(({ commands }) => commands.length > 0);

/** What takes long of the README: it trains and measures. */
const LONG = /^npx lowformer (?:scenes|train|benchmark) /;

/** The commands that a reader tries first. */
export function isFirst(path: string, command: string): boolean {
  return path === 'README.md' && !LONG.test(command);
}

/**
 * Tests that run commands of each document in a folder with the files that a reader has.
 * @param takes which of them, by the path of the document and the command.
 */
export function testCommands(takes: (path: string, command: string) => boolean): void {
  // One of them trains a network.
  vi.setConfig({ testTimeout: 300_000 });
  const workspace = createWorkspace();
  afterAll(() => workspace[Symbol.dispose]());

  const taken = shown
    .map(({ commands, ...document }) => ({
      ...document,
      commands: commands.filter(({ command }) => command.startsWith('npx lowformer ') && takes(document.path, command)),
    }))
    .filter(({ commands }) => commands.length > 0);
  describe.each(taken)(
    '$path',
    needs('notWindows', process.platform !== 'win32'),
    ({ name, text, blocks, files, commands }) => {
      const folder = workspace.addReader(name);
      beforeAll(async () => {
        writeBlocks(folder, files);
        await prepareFiles(folder, text);
      });

      test.each(commands)('line $line: $command', async ({ command }) => {
        const { code, stdout, stderr } = await runCommand(command, folder);
        expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
        const written = [...command.matchAll(/--(?:out|json|labels) (\S+)/g)].map(
          ([, path = '']) => `${folder}/${path}`,
        );
        for (const path of written) expect(existsSync(path), path).toBe(true);
        if (written.length === 0) expect(stdout).not.toBe('');
        if (command === DEMO) {
          const printed = blocks.find(({ language, code }) => language === 'text' && code.startsWith('drawn'));
          expect(timeless(stdout)).toBe(timeless(printed?.code ?? ''));
          expect(existsSync(`${folder}/demo/blood_cells.png`)).toBe(true);
        }
      });
    },
  );
}
