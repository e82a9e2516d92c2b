import { execFileSync } from 'node:child_process';

/** Whether `ffmpeg` and `ffprobe` are in the PATH. */
export function hasFfmpeg(): boolean {
  return ['ffmpeg', 'ffprobe'].every((program) => {
    try {
      execFileSync(program, ['-version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}
