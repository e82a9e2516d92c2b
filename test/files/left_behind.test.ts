import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openWhole } from '../../files/atomic_write.js';
import { removeLeftBehind, temporaryName } from '../../files/left_behind.js';
import { ownerName, thisProcess } from '../../files/process_owner.js';

test('what a killed process left is removed, and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-left-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const gone = ownerName({ ...thisProcess(), pid: spawnSync(process.execPath, ['--version']).pid, started: '' });
  const own = temporaryName('.out.json');
  const ofGone = own.replace(ownerName(thisProcess()), gone);
  const elsewhere = ofGone.replace(thisProcess().machine, '00000000');
  const kept = [own, elsewhere, `${ofGone}.json`, `x-lowformer-${gone}.tmp`, 'a.tmp', 'b.json'];
  for (const name of [ofGone, ...kept]) writeFileSync(join(folder, name), '');
  const staged = join(folder, ofGone.replace('.out.json', 'model'));
  mkdirSync(staged);
  writeFileSync(join(staged, 'weights.bin'), 'x');
  await removeLeftBehind(folder);
  expect(readdirSync(folder).sort()).toEqual(kept.sort());
});

test('a file that comes in pieces is there whole, or not at all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-left-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  {
    await using whole = await openWhole(join(folder, 'a.txt'));
    await whole.append('one ');
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.a\.txt-lowformer-.*\.tmp$/)]);
  }
  expect(readdirSync(folder)).toEqual([]);
  // As long as a file system takes, in two bytes a letter.
  const name = 'ä'.repeat(120);
  await using whole = await openWhole(join(folder, 'below', name));
  await whole.append('one ');
  await whole.append('two');
  await whole.finish();
  expect(readdirSync(join(folder, 'below'))).toEqual([name]);
});
