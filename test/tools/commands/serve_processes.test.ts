/** `lowformer serve --processes`: what one of them is asked about all, one that is killed, and the end of all. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { needs } from '../../needs.js';
import { parseExposition } from '../../service/parse_exposition.js';
import { COMMAND, lowformer, temporaryFolder } from '../command_line.js';
import { classifier, drawPicture, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const KEY = 'theirs-0123456789';
// A connection each, so that any of the processes may take it.
const headers = { authorization: `Bearer ${KEY}`, connection: 'close' };
const PATIENT = { timeout: 30_000, interval: 100 };

beforeAll(async () => {
  await writeModel(cwd, 'cls', classifier);
  await writePicture(join(cwd, 'a.png'), drawPicture(40, 40));
});

describe('two processes', needs('notWindows', process.platform !== 'win32'), () => {
  test('answer as one, and one takes the place of one that is killed', async () => {
    const args = ['serve', 'cls.json', '--checkpoint', 'cls.safetensors', '--processes', '2', '--port', '0'];
    const env = { ...process.env, LOWFORMER_KEYS: KEY };
    const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env });
    let said = '';
    child.stderr.on('data', (piece: Buffer) => {
      said += piece;
    });
    const ended = once(child, 'exit');
    const [address] = await Promise.race([
      once(createInterface(child.stdout), 'line'),
      ended.then(() => Promise.reject(new Error(said))),
    ]);
    const body = new Uint8Array(readFileSync(join(cwd, 'a.png')));
    const classify = async () => {
      const type = { ...headers, 'content-type': 'image/png' };
      return (await fetch(`${address}/v1/models/cls/classify`, { method: 'POST', body, headers: type })).status;
    };
    const counted = async () => parseExposition(await (await fetch(`${address}/metrics`, { headers })).text());
    const answered = async () => (await counted()).get('lowformer_pictures_total{model="cls",outcome="answered"}');

    expect((await fetch(`${address}/readyz`, { headers })).status).toBe(200);
    expect(await Promise.all(Array.from({ length: 8 }, classify))).toEqual(Array.from({ length: 8 }, () => 200));
    expect([await answered(), (await counted()).get('lowformer_processes{}')]).toEqual([8, 2]);

    const listening = () => [...said.matchAll(/"pid":(\d+).*Server listening/g)].map(([, pid]) => Number(pid));
    const [first = 0, second = 0] = listening();
    process.kill(first, 'SIGKILL');
    await vi.waitUntil(() => said.includes(`process ${first} has ended (SIGKILL)`), PATIENT);
    expect(await Promise.all([classify(), classify()])).toEqual([200, 200]);
    await vi.waitUntil(async () => (await counted()).get('lowformer_processes{}') === 2, PATIENT);
    expect(await answered()).toBe(10);

    // Asked of one, done in both.
    const reload = await fetch(`${address}/v1/models/cls/reload`, { method: 'POST', headers });
    expect(await reload.json()).toMatchObject({ name: 'cls', before: {} });
    child.kill('SIGHUP');
    await vi.waitUntil(() => said.includes('cls: read again'), PATIENT);
    expect((await counted()).get('lowformer_processes{}')).toBe(2);

    child.kill('SIGTERM');
    expect(await ended, said).toEqual([0, null]);
    for (const pid of [second, listening()[2] ?? 0]) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(said).not.toMatch(/0123456789|"level":50|Warning/);
  });

  test('what is wrong with a model is said once, with the exit code of a mistake', async () => {
    const { code, stderr } = await lowformer(['serve', 'cls.json', '--processes', '2', '--port', '0'], {
      cwd,
      process: 'own',
    });
    expect(code).toBe(2);
    expect(stderr.match(/expected trained weights/g)).toHaveLength(1);
  });
});

test('more processes than anybody has cores are refused', async () => {
  const { code, stderr } = await lowformer(['serve', 'cls.json', '--processes', '65'], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining('Expected at most 64 processes')]);
});
