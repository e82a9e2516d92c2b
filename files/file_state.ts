import { fstatSync } from 'node:fs';

/** What tells whether a file is still the one that it was, without reading it. */
export interface FileState {
  /** Device, number, size and times: another text once its bytes were written to or replaced. */
  readonly text: string;
  /**
   * Whether its last change lies so far back that the next one will have another time: clocks of file systems tick, every
   * two seconds at worst, and a change within the same tick would not show.
   */
  readonly settled: boolean;
}

const TICK = 2500;

/** @param descriptor an open file's. */
export function fileState(descriptor: number, now: number = Date.now()): FileState {
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = fstatSync(descriptor, { bigint: true });
  return { text: [dev, ino, size, mtimeNs, ctimeNs].join(' '), settled: now - Number(ctimeMs) > TICK };
}
