import cluster from 'node:cluster';

/** The environment's variable that tells a process which of several it is. */
export const ROLE = 'LOWFORMER_PROCESS';

/** What a process is: one that was started by another to answer with it, the `first` of them, or one by itself. */
export type Role = 'first' | 'other' | 'alone';

/** Of this process, which its channel to the one above does not keep from now on. One that some other program starts as a worker of its own is alone. */
export function roleOf(): Role {
  const role = process.env[ROLE];
  if (!cluster.isWorker || (role !== 'first' && role !== 'other')) return 'alone';
  process.channel?.unref();
  return role;
}

/** Whether it can start others: a worker of another program's cannot. */
export function canSupervise(): boolean {
  return cluster.isPrimary;
}
