/** The system's `ffmpeg` and `ffprobe`: where they are, and which version. Nothing is opened with them here. */
import { execFile } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { LowformerError } from '../core/errors.js';

/** Names the program `ffmpeg`, where it is not in the PATH; `ffprobe` lies beside it. */
export const FFMPEG_VARIABLE = 'LOWFORMER_FFMPEG';

/** The oldest with all that is used: `metadata=direct` and `-format_whitelist` are older, `-autoscale` is of it. */
const OLDEST = [4, 4] as const;

export interface Ffmpeg {
  /** The program, as it is spawned. */
  readonly path: string;
  /** Beside it; whether it is there shows when it is called. */
  readonly ffprobe: string;
  /** As it says it: `5.1.9-0+deb12u1`, `n7.1`, `N-118300-g3c5a2d1`. */
  readonly version: string;
  /** What says that frames keep their own time stamps; before 5.1 the option had another name. */
  readonly passthrough: readonly [string, string];
}

const found = new Map<string, Promise<Ffmpeg>>();

/**
 * Asked once for each program.
 * @throws {LowformerError} `missing-package` where there is none, or one that is too old, with the way to get it.
 */
export function findFfmpeg(named = process.env[FFMPEG_VARIABLE]): Promise<Ffmpeg> {
  const path = named === undefined || named === '' ? 'ffmpeg' : named;
  const known = found.get(path) ?? inspect(path, path === named);
  found.set(path, known);
  // It may be installed before the next call.
  known.catch(() => found.delete(path));
  return known;
}

async function inspect(path: string, isNamed: boolean): Promise<Ffmpeg> {
  const where = isNamed ? FFMPEG_VARIABLE : 'ffmpeg';
  const expected = `the program ffmpeg, ${OLDEST.join('.')} or newer`;
  let said: string;
  try {
    said = (await promisify(execFile)(path, ['-version'], { timeout: 30_000, windowsHide: true })).stdout;
  } catch (cause) {
    const received = isNamed ? { received: path } : {};
    throw new LowformerError({ code: 'missing-package', where, expected, ...received, hint: howToInstall(), cause });
  }
  const version = /^ffmpeg version (\S+)/.exec(said)?.[1];
  if (version === undefined) {
    const received = `${path}, which says ${JSON.stringify(said.slice(0, 60))}`;
    throw new LowformerError({ code: 'missing-package', where, expected, received, hint: howToInstall() });
  }
  const number = versionNumber(version);
  if (number !== undefined && isBefore(number, OLDEST)) {
    throw new LowformerError({ code: 'missing-package', where, expected, received: version, hint: howToInstall() });
  }
  const old = number !== undefined && isBefore(number, [5, 1]);
  return {
    path,
    ffprobe: beside(path),
    version,
    passthrough: [old ? '-vsync' : '-fps_mode', 'passthrough'],
  };
}

/** `n7.1` and `5.1.9-0+deb12u1` have a number; builds of a day (`N-118300-g…`) have none, and are taken as new. */
export function versionNumber(version: string): readonly [number, number] | undefined {
  const parts = /^n?(\d+)\.(\d+)/.exec(version);
  return parts === null ? undefined : [Number(parts[1]), Number(parts[2])];
}

function isBefore([major, minor]: readonly [number, number], [least, leastMinor]: readonly [number, number]): boolean {
  return major < least || (major === least && minor < leastMinor);
}

/** `/opt/bin/ffmpeg` has `/opt/bin/ffprobe`. */
function beside(ffmpeg: string): string {
  const name = basename(ffmpeg).replace('ffmpeg', 'ffprobe');
  return dirname(ffmpeg) === '.' && !ffmpeg.startsWith('.') ? name : join(dirname(ffmpeg), name);
}

/** A sentence for a hint. */
function howToInstall(): string {
  const ways: Partial<Record<NodeJS.Platform, string>> = {
    linux: 'apt-get install ffmpeg (Debian, Ubuntu), dnf install ffmpeg-free (Fedora), apk add ffmpeg (Alpine)',
    darwin: 'brew install ffmpeg',
    win32: 'winget install ffmpeg',
  };
  const way = ways[process.platform] ?? 'see https://ffmpeg.org/download.html';
  return `Install it: ${way}; or name the program in ${FFMPEG_VARIABLE}`;
}
