import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  cgroupFolders,
  parseCfsQuota,
  parseCgroupMounts,
  parseCgroupPaths,
  parseCpuList,
  parseCpuMax,
  threadLimit,
} from '../../../engines/thread/threads.js';

describe('parsing', () => {
  it.each([
    ['max 100000\n', undefined],
    ['150000 100000\n', 1.5],
    ['400000 100000', 4],
    ['5000 100000', 0.05],
    ['', undefined],
    ['nonsense', undefined],
  ])('cpu.max %j', (text, processors) => {
    expect(parseCpuMax(text)).toBe(processors);
  });

  it.each([
    ['-1\n', '100000\n', undefined],
    ['200000\n', '100000\n', 2],
    ['50000', '100000', 0.5],
    ['', '', undefined],
    ['200000', '0', undefined],
  ])('cpu.cfs_quota_us %j over %j', (quota, period, processors) => {
    expect(parseCfsQuota(quota, period)).toBe(processors);
  });

  it('the paths of both versions', () => {
    expect(parseCgroupPaths('0::/user.slice/a:b.scope\n')).toEqual({ v2: '/user.slice/a:b.scope' });
    expect(parseCgroupPaths('12:cpuset:/x\n4:cpu,cpuacct:/docker/1f\n1:name=systemd:/docker/1f\n')).toEqual({
      v1: '/docker/1f',
    });
    expect(parseCgroupPaths('')).toEqual({});
  });

  it('the mounts of both versions', () => {
    const text = [
      '24 19 0:21 / /sys rw shared:7 - sysfs sysfs rw',
      '30 23 0:26 /docker/1f /sys/fs/cgroup/cpu,cpuacct ro,nosuid master:11 - cgroup cgroup rw,cpu,cpuacct',
      '31 23 0:27 / /sys/fs/cgroup/cpuset ro - cgroup cgroup rw,cpuset',
      '32 23 0:28 / /sys/fs/cgroup/unified ro - cgroup2 cgroup2 rw,nsdelegate',
    ].join('\n');
    expect(parseCgroupMounts(text)).toEqual({
      v1: { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', root: '/docker/1f' },
      v2: { mountPoint: '/sys/fs/cgroup/unified', root: '/' },
    });
  });

  it('lists of processors', () => {
    expect(parseCpuList('0-3,8\n')).toEqual([0, 1, 2, 3, 8]);
    expect(parseCpuList('5')).toEqual([5]);
    expect(parseCpuList('')).toEqual([]);
  });

  it('every folder from the process up to the root', () => {
    expect(cgroupFolders({ mountPoint: '/sys/fs/cgroup', root: '/' }, '/a/b')).toEqual([
      '/sys/fs/cgroup/a/b',
      '/sys/fs/cgroup/a',
      '/sys/fs/cgroup',
    ]);
    expect(cgroupFolders({ mountPoint: '/cg', root: '/docker/1f' }, '/docker/1f/inner')).toEqual(['/cg/inner', '/cg']);
    expect(cgroupFolders({ mountPoint: '/cg', root: '/docker/1f' }, '/docker/1f')).toEqual(['/cg']);
    expect(cgroupFolders({ mountPoint: '/cg', root: '/' }, '/../../outside')).toEqual(['/cg/outside', '/cg']);
  });
});

describe('threadLimit', () => {
  const machine = (files: Readonly<Record<string, string>>) => threadLimit((file) => files[file]);
  const v2 = {
    '/proc/self/cgroup': '0::/app/job\n',
    '/proc/self/mountinfo': '32 23 0:28 / /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n',
  };

  it('is what the scheduler gives where nothing else is known', () => {
    expect(machine({})).toEqual({ threads: availableParallelism(), reason: expect.stringContaining('processors') });
  });

  it('takes the tightest limit of the hierarchy, rounded down, at least 1', () => {
    expect(
      machine({ ...v2, '/sys/fs/cgroup/app/cpu.max': '100000 100000', '/sys/fs/cgroup/app/job/cpu.max': 'max 100000' }),
    ).toEqual({
      threads: 1,
      reason: '/sys/fs/cgroup/app/cpu.max allows 1 processors',
    });
    expect(machine({ ...v2, '/sys/fs/cgroup/cpu.max': '20000 100000' })).toMatchObject({
      threads: 1,
      reason: '/sys/fs/cgroup/cpu.max allows 0.2 processors',
    });
    expect(machine({ ...v2, '/sys/fs/cgroup/app/cpu.max': '99900000 100000' }).threads).toBe(availableParallelism());
  });

  it('reads version 1', () => {
    const limit = machine({
      '/proc/self/cgroup': '4:cpu,cpuacct:/docker/1f\n',
      '/proc/self/mountinfo': '30 23 0:26 /docker/1f /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '100000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    });
    expect(limit).toEqual({ threads: 1, reason: '/sys/fs/cgroup/cpu/cpu.cfs_quota_us allows 1 processors' });
  });

  it('counts two hyperthreads as one core', () => {
    const siblings = (cpu: number) => `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;
    const limit = machine({
      '/proc/self/status': 'Name:\tnode\nCpus_allowed_list:\t0-1\n',
      [siblings(0)]: '0-1\n',
      [siblings(1)]: '0-1\n',
    });
    expect(limit.threads).toBe(1);
  });
});
