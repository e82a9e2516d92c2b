/** Thousands of frames by the built command: what it holds does not grow with them. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { needs } from '../needs.js';
import { COMMAND, temporaryFolder } from '../tools/command_line.js';
import { detector, writeModel } from '../tools/tiny_models.js';
import { hasFfmpeg } from './has_ffmpeg.js';

const FRAMES = 3000;

describe('a long run', needs('linux', process.platform === 'linux' && hasFfmpeg()), () => {
  test(`of ${FRAMES} frames, tracked and counted, keeps its memory`, async () => {
    const cwd = temporaryFolder();
    await writeModel(cwd, 'det', detector);
    const picture = ['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=25:duration=${FRAMES / 25}`];
    const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', 'clip.mp4'];
    execFileSync('ffmpeg', ['-v', 'error', ...picture, ...coded], { cwd });
    const track = ['--track', '--track-thr', '0.2', '--mot', 'mot.txt'];
    const count = ['--count-line', 'middle=160,0,160,180', '--count-zone', 'left=0,0,160,0,160,180,0,180'];
    const args = ['det.json', '--checkpoint', 'det.safetensors', 'clip.mp4', ...track, ...count, '--json', '-'];
    const child = spawn(process.execPath, [COMMAND, 'detect', ...args, '--quiet'], {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    /** Megabytes, after every hundred frames. */
    const memory: number[] = [];
    let frames = 0;
    for await (const _ of createInterface(child.stdout)) {
      if (++frames % 100 !== 0 || child.exitCode !== null) continue;
      const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      if (resident !== undefined) memory.push(Number(resident) / 1024);
    }
    const [code] = child.exitCode === null ? await once(child, 'close') : [child.exitCode];
    expect([code, frames]).toEqual([0, FRAMES]);
    // A frame is 0.17 MB: one in seven that were kept would show.
    const third = Math.floor(memory.length / 3);
    const [early, late] = [Math.max(...memory.slice(third, 2 * third)), Math.max(...memory.slice(2 * third))];
    expect(late - early, memory.join(' ')).toBeLessThan(24);
  });
});
