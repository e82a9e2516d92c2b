/** Threads in what containers are made of: a control group with a share of the processors, and a set of processors. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { needs } from '../needs.js';
import { run } from '../run_program.js';
import { COMMAND } from '../tools/command_line.js';
import { ROOT } from '../workspace.js';
import { DEVICES_WANTED } from './emulators.js';

const HIERARCHY = '/sys/fs/cgroup';
const PERIOD_US = 100_000;
const reportSchema = z.object({ threads: z.object({ threads: z.number(), reason: z.string() }) });
const group = DEVICES_WANTED && availableParallelism() > 1 ? controlGroup() : undefined;
afterAll(() => {
  if (group !== undefined) rmdirSync(group);
});

/** A new group that may use one processor's time; undefined where this process may make none. */
function controlGroup(): string | undefined {
  const v2 = existsSync(join(HIERARCHY, 'cgroup.controllers'));
  const folder = join(HIERARCHY, v2 ? '' : 'cpu', `lowformer-test-${process.pid}`);
  try {
    mkdirSync(folder);
    const [file, quota] = v2 ? ['cpu.max', `${PERIOD_US} ${PERIOD_US}`] : ['cpu.cfs_quota_us', `${PERIOD_US}`];
    writeFileSync(join(folder, file), quota);
    return readFileSync(join(folder, file), 'utf8').startsWith(`${PERIOD_US}`) ? folder : undefined;
  } catch {
    return undefined;
  }
}

async function threadsOf(program: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await run(
    program,
    [...args, process.execPath, COMMAND, 'doctor', '--json', '-'],
    ROOT,
  );
  expect(code, stderr).toBe(0);
  return reportSchema.parse(JSON.parse(stdout)).threads;
}

describe('the threads of an engine', () => {
  test('are one in a control group of one processor', needs('controlGroup', group !== undefined), async () => {
    const enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
    const { threads, reason } = await threadsOf('sh', '-c', enter, group ?? '');
    expect(threads).toBe(1);
    expect(reason).toMatch(/^\/sys\/fs\/cgroup\/.*lowformer-test-\d+\/cpu\.\w+ allows 1 processors$/);
  });

  test('are one on one processor', needs('processors', DEVICES_WANTED && existsSync('/usr/bin/taskset')), async () => {
    expect((await threadsOf('taskset', '--cpu-list', '0')).threads).toBe(1);
  });
});
