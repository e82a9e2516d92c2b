/** `lowformer serve` with a certificate: of one process and of two, and another that takes its place by SIGHUP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { makeCertificate, NEEDS_OPENSSL } from '../../service/certificates.js';
import { COMMAND, temporaryFolder } from '../command_line.js';
import { classifier, writeModel } from '../tiny_models.js';

const cwd = temporaryFolder();
const KEY = 'theirs-0123456789';
const PATIENT = { timeout: 30_000, interval: 100 };

describe.each([1, 2])('%i processes', NEEDS_OPENSSL, (processes) => {
  const name = (file: string) => `${processes}_${file}`;
  const path = (file: string) => join(cwd, name(file));
  beforeAll(async () => {
    await writeModel(cwd, 'cls', classifier);
    for (const pair of ['first', 'second']) makeCertificate(cwd, name(pair));
    for (const ending of ['pem', 'key']) copyFileSync(path(`first.${ending}`), path(`now.${ending}`));
  });

  test('speak TLS alone, with the certificate that is there', async () => {
    const model = ['cls.json', '--checkpoint', 'cls.safetensors', '--port', '0', '--processes', String(processes)];
    const tls = ['--tls-cert', name('now.pem'), '--tls-key', name('now.key')];
    const env = { ...process.env, LOWFORMER_KEYS: KEY };
    const child = spawn(process.execPath, [COMMAND, 'serve', ...model, ...tls], { cwd, env });
    let said = '';
    child.stderr.on('data', (piece: Buffer) => {
      said += piece;
    });
    const ended = once(child, 'exit');
    const [line] = await Promise.race([
      once(createInterface(child.stdout), 'line'),
      ended.then(() => Promise.reject(new Error(said))),
    ]);
    const address = z.string().parse(line);
    expect(address).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    /** Of a connection of its own, which any of the processes takes. */
    const ask = async (route: string, certificate: string) => {
      const options = { ca: readFileSync(path(`${certificate}.pem`)), agent: false };
      const asked = get(address + route, { ...options, headers: { authorization: `Bearer ${KEY}` } });
      const [answer] = await once(asked, 'response');
      return { status: answer.statusCode, body: await text(answer) };
    };
    const asked = (certificate: string) =>
      Promise.all(Array.from({ length: 6 }, async () => (await ask('/v1/models/cls', certificate)).status));
    expect(await asked('first')).toEqual(Array(6).fill(200));
    expect((await ask('/metrics', 'first')).body.includes('lowformer_processes 2')).toBe(processes === 2);
    await expect(ask('/healthz', 'second')).rejects.toThrow(/self-signed|certificate/);

    // A key that does not fit leaves all as it was; a connection that is open stays so.
    const open = get(`${address}/v1/models`, {
      ca: readFileSync(path('first.pem')),
      headers: { authorization: `Bearer ${KEY}` },
    });
    const [{ socket }] = await once(open, 'response');
    copyFileSync(path('second.pem'), path('now.pem'));
    child.kill('SIGHUP');
    await vi.waitUntil(() => said.includes('keys and certificate: stays as it was'), PATIENT);
    expect(await asked('first')).toEqual(Array(6).fill(200));
    copyFileSync(path('second.key'), path('now.key'));
    child.kill('SIGHUP');
    await vi.waitUntil(() => said.includes('keys and certificate: read again'), PATIENT);
    expect(await asked('second')).toEqual(Array(6).fill(200));
    await expect(ask('/healthz', 'first')).rejects.toThrow(/self-signed|certificate/);
    expect(socket instanceof TLSSocket && socket.destroyed).toBe(false);
    socket.destroy();

    child.kill('SIGTERM');
    expect(await ended, said).toEqual([0, null]);
    expect(said).not.toMatch(/0123456789|"level":50|PRIVATE/);
  });
});
