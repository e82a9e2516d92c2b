import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeLock } from '../../files/lock.js';
import { thisProcess } from '../../files/process_owner.js';
import { needs } from '../needs.js';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const take = (path: string) => takeLock(path, 'run', 'name another');
/** The number of a process that has ended. */
const ended = () => spawnSync(process.execPath, ['--version']).pid;
const holder = { ...thisProcess(), host: 'far', since: '2026-01-02T03:04:05.000Z', token: 'other' };

test('is held by one at a time, and gone when it is released', async () => {
  const folder = newFolder();
  const path = join(folder, 'a');
  const lock = await take(path);
  expect(lock.takenOver).toBeUndefined();
  await expect(take(path)).rejects.toThrow(
    new RegExp(
      `a: expected no other run at the same time\\. Process ${process.pid} on this machine holds it since 2.*: wait for it, or name another\\.$`,
    ),
  );
  await lock[Symbol.asyncDispose]();
  expect(readdirSync(folder)).toEqual([]);
  const many = await Promise.allSettled(Array.from({ length: 20 }, () => take(path)));
  expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('of a process that is gone it is taken over, by one alone', async () => {
  const folder = newFolder();
  const path = join(folder, 'a');
  const left = JSON.stringify({ ...holder, pid: ended(), started: '' });
  writeFileSync(`${path}.lock`, left);
  const lock = await take(path);
  expect(lock.takenOver).toMatch(/^Process \d+, which held the lock since 2026-01-02T03:04:05\.000Z, is gone/);
  await lock[Symbol.asyncDispose]();
  for (let round = 0; round < 20; round++) {
    writeFileSync(`${path}.lock`, left);
    const many = await Promise.allSettled(Array.from({ length: 20 }, () => take(path)));
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['a.lock']);
  }
});

test(
  'a process of the same number that started at another time is another',
  needs('linux', process.platform === 'linux'),
  async () => {
    const path = join(newFolder(), 'a');
    writeFileSync(`${path}.lock`, JSON.stringify({ ...holder, started: '1' }));
    expect((await take(path)).takenOver).toContain('is gone');
  },
);

test('of another machine it is left alone, with the way out', async () => {
  const path = join(newFolder(), 'a');
  writeFileSync(`${path}.lock`, JSON.stringify({ ...holder, machine: '00000000', pid: ended() }));
  await expect(take(path)).rejects.toThrow(
    /on far holds it .*: if it runs no longer there, remove .*a\.lock; else wait/,
  );
});

test('of a process that was killed while it took over is taken all the same', async () => {
  const folder = newFolder();
  const path = join(folder, 'a');
  writeFileSync(`${path}.lock`, JSON.stringify({ ...holder, pid: ended(), started: '' }));
  writeFileSync(`${path}.lock.taking`, '');
  utimesSync(`${path}.lock.taking`, 1, 1);
  expect((await take(path)).takenOver).toContain('is gone');
  expect(readdirSync(folder)).toEqual(['a.lock']);
});

test('that says nothing is taken over once it is old', async () => {
  const path = join(newFolder(), 'a');
  writeFileSync(`${path}.lock`, '');
  await expect(take(path)).rejects.toThrow(/says nothing yet/);
  utimesSync(`${path}.lock`, 1, 1);
  const lock = await take(path);
  expect(lock.takenOver).toContain('left behind');
  // What another process has made in its place is not this one's to remove.
  const other = JSON.stringify(holder);
  writeFileSync(`${path}.lock`, other);
  await lock[Symbol.asyncDispose]();
  expect(readFileSync(`${path}.lock`, 'utf8')).toBe(other);
});
