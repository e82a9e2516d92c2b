/**
 * Yarn's Plug'n'Play puts a file system of its own over Node's, whose handles have the system's descriptor and not all of
 * a handle's methods: what is written and read keeps to those that there are.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeWhole } from '../../files/atomic_write.js';
import { takeLock } from '../../files/lock.js';
import { readRegularFile } from '../../files/regular_file.js';
import { fileFingerprint } from '../../runs/fingerprint.js';
import { openJournal } from '../../runs/journal.js';
import { recordWriter } from '../../tools/json_output.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-layer-'));
const at = (name: string) => join(folder, name);
const MISSING = ['sync', 'datasync', 'utimes', 'readv', Symbol.asyncDispose] as const;
let restore = () => {};

beforeAll(async () => {
  const probe = await open(at('probe'), 'w');
  const prototype: unknown = Object.getPrototypeOf(probe);
  await probe.close();
  if (typeof prototype !== 'object' || prototype === null) throw new TypeError('a handle without a class');
  const own = MISSING.map((name) => [name, Object.getOwnPropertyDescriptor(prototype, name)] as const);
  for (const [name] of own) {
    const value = typeof name === 'symbol' ? undefined : () => Promise.reject(new Error('Method not implemented.'));
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  }
  restore = () => {
    for (const [name, descriptor] of own) {
      if (descriptor === undefined) Reflect.deleteProperty(prototype, name);
      else Object.defineProperty(prototype, name, descriptor);
    }
  };
});
afterAll(() => {
  restore();
  rmSync(folder, { recursive: true });
});

test('files are written whole, and read', async () => {
  await writeWhole(at('a.txt'), async (file) => void (await file.writeFile('text')));
  expect(new TextDecoder().decode(await readRegularFile(at('a.txt'), { expected: 'a text' }))).toBe('text');
  const { length } = await fileFingerprint(at('a.txt'));
  expect(length).toBe(16);
});

test('JSON is written as it comes', async () => {
  await using records = recordWriter(at('records.json'), 'json');
  await records.add({ file: 'a.png' });
  await records.finish();
  expect(JSON.parse(readFileSync(at('records.json'), 'utf8'))).toEqual([{ file: 'a.png' }]);
});

test('a run holds its lock, and keeps and reads its journal', async () => {
  const options = { identity: { config: 'x' }, ids: [1, 2], batchSize: 1, log: { say: () => {}, warn: () => {} } };
  await using lock = await takeLock(at('run'), 'run', 'name another file');
  expect(lock.takenOver).toBeUndefined();
  {
    await using journal = await openJournal(at('run.jsonl'), { ...options, resume: false });
    await journal.append(1, ['found']);
  }
  await using journal = await openJournal(at('run.jsonl'), { ...options, resume: true });
  const kept: unknown[] = [];
  for await (const entry of journal.entries()) kept.push(entry);
  expect([journal.done, kept]).toEqual([1, [['found']]]);
  await journal.finish();
});
