/** A clip of cells that pass by, tracked and counted by the built command with a real ffmpeg. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { writeImage } from '../../drawing/write_png.js';
import { needs } from '../needs.js';
import { lowformer, temporaryFolder } from '../tools/command_line.js';
import { hasFfmpeg } from './has_ffmpeg.js';

const recordSchema = z.object({
  file: z.literal('cells.mp4'),
  frame: z.int(),
  time: z.number(),
  width: z.literal(480),
  height: z.literal(480),
  detections: z.array(z.object({ track_id: z.int() })),
  counts: z.object({
    lines: z.object({ middle: z.object({ in: z.int(), out: z.int(), crossed_in: z.array(z.int()) }) }),
    zones: z.object({ behind: z.object({ inside: z.int(), track_ids: z.array(z.int()) }) }),
  }),
});

const FRAMES = 20;
/** Pixels that the camera moves to the left from frame to frame, so that everything moves to the right. */
const PACE = 8;
const START = 160;
const LINE = 240;
const ZONE = [260, 440] as const;

describe('detect --track --count-line --count-zone on a clip', needs('ffmpeg', hasFfmpeg()), () => {
  test('counts the cells that are known to pass, and writes a clip that plays', async () => {
    const cwd = temporaryFolder();
    const { image, cells } = drawDemoScene(6);
    await writeImage(join(cwd, 'scene.png'), image);
    const window = `crop=480:480:${START}-${PACE}*n:0`;
    const input = ['-loop', '1', '-framerate', '25', '-i', 'scene.png', '-vf', window, '-frames:v', `${FRAMES}`];
    const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '12', '-pix_fmt', 'yuv420p', 'cells.mp4'];
    execFileSync('ffmpeg', ['-v', 'error', ...input, ...coded], { cwd });
    const places = [
      ...['--count-line', `middle=${LINE},0,${LINE},480`],
      ...['--count-zone', `behind=${ZONE[0]},0,${ZONE[1]},0,${ZONE[1]},480,${ZONE[0]},480`],
    ];
    const { code, stderr } = await lowformer(
      [
        'detect',
        'blood-cells',
        'cells.mp4',
        '--track',
        '--score-thr',
        '0.5',
        ...places,
        '--out',
        'out.mp4',
        '--json',
        'out.jsonl',
      ],
      { cwd },
    );
    expect(code, stderr).toBe(0);

    const last = START - PACE * (FRAMES - 1);
    const passed = cells.filter(({ box: [x1, , x2] }) => x2 - START < LINE && x1 - last > LINE).length;
    const behind = cells.filter(({ box: [x1, , x2] }) => {
      const middle = (x1 + x2) / 2 - last;
      return middle >= ZONE[0] && middle <= ZONE[1];
    }).length;
    expect([passed, behind]).toEqual([2, 6]);
    const records = readFileSync(join(cwd, 'out.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => recordSchema.parse(JSON.parse(line)));
    expect(records.map(({ frame, time }) => [frame, time])).toEqual(
      Array.from({ length: FRAMES }, (_, i) => [i, Number((0.04 * i).toFixed(6))]),
    );
    expect(records.at(-1)?.counts).toMatchObject({
      lines: { middle: { in: passed, out: 0 } },
      zones: { behind: { inside: behind } },
    });
    const crossings = records.flatMap(({ counts }) => counts.lines.middle.crossed_in);
    expect(new Set(crossings).size).toBe(passed);
    expect(stderr).toContain(`line middle: ${passed} in, 0 out\nzone behind: ${behind} inside at the end, `);

    const entries = 'stream=codec_type,width,height,nb_read_frames,duration';
    const probe = ['-v', 'error', '-count_frames', '-show_entries', entries, '-of', 'csv=p=0', 'out.mp4'];
    expect(execFileSync('ffprobe', probe, { cwd, encoding: 'utf8' }).trim()).toBe(`video,480,480,0.800000,${FRAMES}`);
  });
});
