/** How many threads this process may keep busy: what the container allows, not what the host has. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { posix } from 'node:path';
import { LowformerError } from '../../core/errors.js';

export interface ThreadLimit {
  /** At least 1. */
  readonly threads: number;
  /** Where the limit comes from, for a person. */
  readonly reason: string;
}

/** The controller of one process: its path in the hierarchy and where the hierarchy is mounted. */
export interface CgroupMount {
  readonly mountPoint: string;
  /** The part of the hierarchy that the mount shows: `/` but for some containers. */
  readonly root: string;
}

/**
 * The smallest of: the processors that the scheduler gives this process (affinity, cpuset), their physical cores (two
 * hyperthreads share the arithmetic units that a convolution keeps busy; ONNX Runtime's own default is the same), and
 * the processor time of its cgroups, versions 1 and 2, rounded down as libuv does: a thread more would be stopped in
 * the middle of each operation.
 */
export function threadLimit(read: (file: string) => string | undefined = readText): ThreadLimit {
  const limits: ThreadLimit[] = [{ threads: availableParallelism(), reason: 'processors available to this process' }];
  const cores = physicalCores(read);
  if (cores !== undefined) limits.push({ threads: cores, reason: 'physical cores available to this process' });
  for (const { processors, file } of cgroupLimits(read)) {
    limits.push({ threads: Math.floor(processors), reason: `${file} allows ${processors} processors` });
  }
  const [first, ...rest] = limits;
  const least = rest.reduce((best, limit) => (limit.threads < best.threads ? limit : best), first ?? ONE);
  return least.threads >= 1 ? least : { ...least, threads: 1 };
}

/** More than any machine has cores, and each is a thread of the system's. */
export const MOST_THREADS = 1024;
/** Each is a copy of the network. */
export const MOST_SESSIONS = 256;

/** @throws {LowformerError} `invalid-argument` for a number of threads that no engine can take. */
export function checkThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return;
  const expected = `an integer from 1 to ${MOST_THREADS}`;
  throw new LowformerError({ code: 'invalid-argument', where: 'threads', expected, received: threads });
}

const ONE: ThreadLimit = { threads: 1, reason: 'at least one thread' };

/** cgroup v2 `cpu.max`: `150000 100000` is 1.5 processors; undefined for `max 100000`, which sets no limit. */
export function parseCpuMax(text: string): number | undefined {
  const [quota, period] = text.trim().split(/\s+/);
  return ratio(quota, period);
}

/** cgroup v1 `cpu.cfs_quota_us` over `cpu.cfs_period_us`, as processors; undefined for -1, which sets no limit. */
export function parseCfsQuota(quota: string, period: string): number | undefined {
  return ratio(quota.trim(), period.trim());
}

/** `/proc/self/cgroup`: the paths in the version 2 hierarchy and in version 1's `cpu` controller. */
export function parseCgroupPaths(text: string): { readonly v2?: string; readonly v1?: string } {
  let paths: { v2?: string; v1?: string } = {};
  for (const line of text.split('\n')) {
    const [, id, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    if (id === '0' && controllers === '') paths = { ...paths, v2: path };
    else if (controllers?.split(',').includes('cpu')) paths = { ...paths, v1: path };
  }
  return paths;
}

/** `/proc/self/mountinfo`: where the version 2 hierarchy and version 1's `cpu` controller are mounted. */
export function parseCgroupMounts(text: string): { readonly v2?: CgroupMount; readonly v1?: CgroupMount } {
  let mounts: { v2?: CgroupMount; v1?: CgroupMount } = {};
  for (const line of text.split('\n')) {
    const [before, after] = line.split(' - ');
    const [, , , root, mountPoint] = before?.split(' ') ?? [];
    const [type, , options] = after?.split(' ') ?? [];
    if (root === undefined || mountPoint === undefined) continue;
    if (type === 'cgroup2') mounts = { v2: { mountPoint, root }, ...mounts };
    else if (type === 'cgroup' && options?.split(',').includes('cpu')) mounts = { v1: { mountPoint, root }, ...mounts };
  }
  return mounts;
}

/** A kernel list of processors, `0-3,8`, as numbers. */
export function parseCpuList(text: string): readonly number[] {
  return Array.from(text.matchAll(/(\d+)(?:-(\d+))?/g)).flatMap(([, first = '', last = first]) =>
    Array.from({ length: Math.max(0, Number(last) - Number(first) + 1) }, (_, i) => Number(first) + i),
  );
}

/** The folders from a process's cgroup up to the root of the hierarchy: each may set a limit of its own. */
export function cgroupFolders({ mountPoint, root }: CgroupMount, path: string): readonly string[] {
  const inside = root !== '/' && (path === root || path.startsWith(`${root}/`)) ? path.slice(root.length) : path;
  const folders: string[] = [];
  for (let at = posix.normalize(`/${inside}`); ; at = posix.dirname(at)) {
    folders.push(posix.join(mountPoint, at));
    if (at === '/') return folders.map((folder) => folder.replace(/(?<=.)\/$/, ''));
  }
}

function* cgroupLimits(read: (file: string) => string | undefined) {
  const paths = parseCgroupPaths(read('/proc/self/cgroup') ?? '');
  const mounts = parseCgroupMounts(read('/proc/self/mountinfo') ?? '');
  if (paths.v2 !== undefined && mounts.v2 !== undefined) {
    for (const folder of cgroupFolders(mounts.v2, paths.v2)) {
      const file = `${folder}/cpu.max`;
      const processors = parseCpuMax(read(file) ?? '');
      if (processors !== undefined) yield { processors, file };
    }
  }
  if (paths.v1 !== undefined && mounts.v1 !== undefined) {
    for (const folder of cgroupFolders(mounts.v1, paths.v1)) {
      const file = `${folder}/cpu.cfs_quota_us`;
      const processors = parseCfsQuota(read(file) ?? '', read(`${folder}/cpu.cfs_period_us`) ?? '');
      if (processors !== undefined) yield { processors, file };
    }
  }
}

/** Cores behind the processors of this process's affinity; undefined where the kernel does not tell (outside Linux). */
function physicalCores(read: (file: string) => string | undefined): number | undefined {
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(read('/proc/self/status') ?? '')?.[1];
  if (allowed === undefined) return undefined;
  const cores = new Set<string>();
  for (const cpu of parseCpuList(allowed)) {
    const siblings = read(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`);
    if (siblings === undefined) return undefined;
    cores.add(siblings.trim());
  }
  return cores.size > 0 ? cores.size : undefined;
}

function ratio(quota: string | undefined, period: string | undefined): number | undefined {
  const processors = Number(quota) / Number(period);
  return processors > 0 && Number.isFinite(processors) ? processors : undefined;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
