/** Every command of docs/serving.md: servers start, and answer what is asked of them there. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../needs.js';
import { run } from '../run_program.js';
import { makeCertificate } from '../service/certificates.js';
import { detector, writeModel, writeWeights } from '../tools/tiny_models.js';
import { createWorkspace } from '../workspace.js';
import { commandsOf, documents } from './documents.js';
import { prepareFiles } from './prepared_files.js';
import { type RunningServer, startServer } from './served.js';

const document = documents.find(({ path }) => path === 'docs/serving.md');
const commands = (document?.blocks ?? [])
  .filter(({ language }) => language === 'text')
  .flatMap(commandsOf)
  .map(({ command }) => command)
  .filter((command) => /^(?:npm|npx|node|chmod|curl|kill) /.test(command));
const beginning = (...words: readonly string[]) =>
  commands.filter((command) => words.some((word) => command.startsWith(`${word} `)));
const NPX = 'npx lowformer serve';
const there = ['curl', 'openssl'].every((program) => spawnSync(program, ['--version']).error === undefined);

describe('docs/serving.md', needs('curl', there && process.platform !== 'win32'), () => {
  const workspace = createWorkspace();
  const folder = workspace.addReader('serving');
  const servers: RunningServer[] = [];

  beforeAll(async () => {
    await prepareFiles(folder, 'my_semantic_fpn');
    for (const name of ['first.jpg', 'second.png']) copyFileSync(join(folder, 'pictures', name), join(folder, name));
    for (const name of ['deployed', 'runs/trees']) mkdirSync(join(folder, name), { recursive: true });
    await writeModel(join(folder, 'deployed'), 'cells', detector);
    await writeModel(join(folder, 'runs/trees'), 'config', detector);
    await writeWeights(join(folder, 'runs/trees/best.safetensors'), detector.model, 'formula');
    const { cert, key } = makeCertificate(folder, 'pair');
    copyFileSync(cert, join(folder, 'fullchain.pem'));
    copyFileSync(key, join(folder, 'privkey.pem'));
    for (const command of beginning('node', 'chmod')) expect(await shell(command)).toMatchObject({ code: 0 });
    const started = await Promise.allSettled(beginning(NPX).map((command) => startServer(command, folder)));
    for (const outcome of started) if (outcome.status === 'fulfilled') servers.push(outcome.value);
    expect(started.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []))).toEqual([]);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    workspace[Symbol.dispose]();
  });

  const shell = (command: string) =>
    run('sh', ['-c', `curl() { command curl --silent --show-error --fail "$@"; }\n${command}`], folder);
  /** The first one that has the model, and where keys are presented has some. */
  const serverOf = (command: string) => {
    const [, model = ''] = /\/models\/([\w-]+)/.exec(command) ?? [];
    return servers.find(
      (server) =>
        server.command.includes(model) && (!command.includes('api.keys') || server.command.includes('--keys')),
    );
  };

  test('every one of its commands is run, but for the first', () => {
    expect(commands[0]).toBe('npm install fastify@5');
    expect(commands.slice(1).sort()).toEqual([...beginning(NPX, 'node', 'chmod', 'curl', 'kill')].sort());
    expect(servers.length).toBeGreaterThan(3);
    expect(servers.filter(({ address }) => address.startsWith('https:'))).toHaveLength(1);
  });

  test.each(beginning('curl'))('%s', async (command) => {
    const address = serverOf(command)?.address ?? 'no server';
    const { code, stdout, stderr } = await shell(command.replace(/http:\/\/[\w.]+:8080/, address));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [, written] = /--output (\S+)/.exec(command) ?? [];
    if (written === undefined) expect(JSON.parse(stdout)).toBeTruthy();
    else expect(existsSync(join(folder, written))).toBe(true);
  });

  test.each(beginning('kill'))('%s', async (command) => {
    const { pid = 0, address = '' } = serverOf('api.keys') ?? {};
    expect(await shell(command.replace('PROCESS', String(pid)))).toMatchObject({ code: 0 });
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
  });
});
