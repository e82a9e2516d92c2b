/** Who made a file that should not outlive its maker: whether that process still runs, or whether nobody here can know. */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface Owner {
  /** Of the machine and, in containers, of its own set of process numbers: numbers of another one say nothing here. */
  readonly machine: string;
  readonly pid: number;
  /** When it started, as the system counts; numbers are given again. Empty where the system does not say. */
  readonly started: string;
}

/** `gone` only where it is certain. */
export type OwnerState = 'running' | 'gone' | 'elsewhere';

/** This process. */
export function thisProcess(): Owner {
  own ??= { machine: machineKey(), pid: process.pid, started: startOf(process.pid) };
  return own;
}
let own: Owner | undefined;

/** Whether the process `owner` still runs. */
export function ownerState({ machine, pid, started }: Owner): OwnerState {
  if (machine !== thisProcess().machine) return 'elsewhere';
  if (!exists(pid)) return 'gone';
  const now = startOf(pid);
  return started !== '' && now !== '' && now !== started ? 'gone' : 'running';
}

/** For the name of a file. */
export function ownerName({ machine, pid, started }: Owner): string {
  return `${machine}-${pid}-${started}`;
}

/** As it stands in a name, for a pattern: `parseOwner` reads it. */
export const OWNER_PATTERN = '([0-9a-f]{8})-(\\d+)-(\\d*)';

/** From the three groups of `OWNER_PATTERN`. */
export function parseOwner([machine = '', pid = '', started = '']: readonly string[]): Owner {
  return { machine, pid: Number(pid), started };
}

function machineKey(): string {
  return createHash('sha256').update(`${hostname()} ${processNumbers()}`).digest('hex').slice(0, 8);
}

/** Linux: which set of process numbers this is. */
function processNumbers(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there and somebody else's, or the number is no number of a process.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Linux: clock ticks from the machine's start to the process's. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in brackets, may hold anything; field 22 of what man proc(5) lists.
    const [, ...fields] = stat.slice(stat.lastIndexOf(')')).split(' ');
    return /^\d+$/.test(fields[19] ?? '') ? (fields[19] ?? '') : '';
  } catch {
    return '';
  }
}
