/** `detect --track --count-line --count-zone`: what is counted is what the library counts on the tracks of the records. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createLineCounter } from '../../../tracking/line_counter.js';
import { createZoneCounter } from '../../../tracking/zone_counter.js';
import { needs } from '../../needs.js';
import { fakeFfmpeg } from '../../video/fake_ffmpeg.js';
import { lowformer, temporaryFolder } from '../command_line.js';
import { detector, drawPicture, writeModel, writePicture } from '../tiny_models.js';

const number = z.number();
const byClass = z.record(z.string(), z.record(z.string(), z.int()));
const recordSchema = z.object({
  detections: z.array(z.object({ bbox: z.tuple([number, number, number, number]), track_id: z.int() })),
  counts: z.strictObject({
    lines: z.record(
      z.string(),
      z.strictObject({
        in: z.int(),
        out: z.int(),
        by_class: byClass,
        crossed_in: z.array(z.int()),
        crossed_out: z.array(z.int()),
      }),
    ),
    zones: z.record(
      z.string(),
      z.strictObject({ inside: z.int(), tracks: z.int(), by_class: byClass, track_ids: z.array(z.int()) }),
    ),
  }),
});

const cwd = temporaryFolder();
const model = ['det.json', '--checkpoint', 'det.safetensors'];
const TRACK = ['--track', '--track-thr', '0.2'];
const PLACES = [
  ...['--count-line', 'door=0,40,120,40', '--count-line', 'a, b= 60,80,60,0'],
  ...['--count-zone', 'left=0,0,60,0,60,80,0,80'],
];

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  mkdirSync(join(cwd, 'frames'));
  for (const i of [1, 2, 3]) {
    await writePicture(join(cwd, 'frames', `${i}.png`), drawPicture(120, 80, 100 + 2 * i));
  }
});

/** Each record's counts against the library's on its tracks. */
function checkCounts(records: readonly z.output<typeof recordSchema>[]): void {
  const door = createLineCounter({ start: [0, 40], end: [120, 40] });
  const upright = createLineCounter({ start: [60, 80], end: [60, 0] });
  const left = createZoneCounter([
    [0, 0],
    [60, 0],
    [60, 80],
    [0, 80],
  ]);
  for (const { detections, counts } of records) {
    const tracks = detections.map(({ track_id: trackId, bbox: [x, y, width, height] }) => {
      return { trackId, box: [x, y, x + width, y + height] as const };
    });
    door.update(tracks);
    upright.update(tracks);
    const inside = left.update(tracks).map((place) => tracks[place]?.trackId);
    expect(counts.lines).toMatchObject({
      door: { in: door.in, out: door.out },
      'a, b': { in: upright.in, out: upright.out },
    });
    expect(counts.zones).toMatchObject({ left: { inside: inside.length, tracks: left.tracks, track_ids: inside } });
  }
  expect(left.tracks).toBeGreaterThan(0);
}

describe.concurrent('lowformer detect --track --count-line --count-zone', () => {
  test('counts in every record, in pictures, and at the end', async () => {
    const args = ['detect', ...model, 'frames', ...TRACK, ...PLACES, '--json', 'counts.json', '--out', 'drawn'];
    const { code, stderr } = await lowformer(args, { cwd });
    expect(code, stderr).toBe(0);
    const records = z.array(recordSchema).parse(JSON.parse(readFileSync(join(cwd, 'counts.json'), 'utf8')));
    checkCounts(records);
    const { lines, zones } = records.at(-1)?.counts ?? expect.fail('no record');
    const told = [
      ...Object.entries(lines).map(([name, one]) => `line ${name}: ${one.in} in, ${one.out} out`),
      ...Object.entries(zones).map(
        ([name, one]) => `zone ${name}: ${one.inside} inside at the end, ${one.tracks} in all`,
      ),
    ];
    expect(told).toHaveLength(3);
    expect(stderr).toContain(`tracks\n${told.join('\n')}\n`);
    const { data, info } = await sharp(join(cwd, 'drawn', '1.png'))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    // Of the upright line.
    const white = Array.from({ length: info.height }, (_, y) =>
      data.subarray((y * info.width + 60) * 3).subarray(0, 3),
    );
    expect(white.filter((pixel) => pixel.every((value) => value === 255)).length).toBeGreaterThan(4);
  });

  test('and in those of a clip', needs('notWindows', process.platform !== 'win32'), async () => {
    const shades = [100, 102, 104].map((shade, i) => ({ width: 120, height: 80, shade, stamp: i * 40000 }));
    const LOWFORMER_FFMPEG = fakeFfmpeg(join(cwd, 'ffmpeg'), { frames: shades });
    writeFileSync(join(cwd, 'clip.mp4'), '');
    const args = ['detect', ...model, 'clip.mp4', ...TRACK, ...PLACES];
    const { code, stdout, stderr } = await lowformer(args, { cwd, env: { LOWFORMER_FFMPEG } });
    expect(code, stderr).toBe(0);
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => recordSchema.parse(JSON.parse(line)));
    expect(records).toHaveLength(3);
    expect(stderr).toMatch(/line door: 0 in, 0 out\nline a, b: 0 in/);
  });

  test.each<[string, readonly string[], RegExp]>([
    [
      'lines without --track',
      ['--count-line', 'door=0,0,9,9'],
      /--count-line: expected it beside --track alone, but received 'door'/,
    ],
    [
      'zones without --track',
      ['--count-zone', 'z=0,0,9,9,0,9'],
      /--count-zone: expected it beside --track alone, but received 'z'/,
    ],
    ['one name twice', ['--track', ...PLACES, '--count-line', 'door=0,0,9,9'], /The name 'door' is given twice/],
    ['no name', ['--track', '--count-line', '0,0,9,9'], /Expected a name and numbers: NAME=x1,y1,x2,y2/],
    [
      'one point for a line',
      ['--track', '--count-line', 'a=0,9'],
      /Expected two points, NAME=x1,y1,x2,y2, but there is 1/,
    ],
    [
      'three points for a line',
      ['--track', '--count-line', 'a=0,9,1,2,3,4'],
      /Expected two points, .* but there are 3/,
    ],
    ['a line without length', ['--track', '--count-line', 'a=4,9,4,9'], /Expected two points that differ/],
    [
      'two points for a zone',
      ['--track', '--count-zone', 'a=0,9,4,5'],
      /Expected three points or more, .* but there are 2/,
    ],
    ['a flat zone', ['--track', '--count-zone', 'a=0,9,4,9,8,9'], /Expected points that do not lie on one line/],
    ['half a point', ['--track', '--count-line', 'a=0,9,4'], /Expected two numbers a point, but there are 3 in all/],
    [
      'what is no number',
      ['--track', '--count-line', 'a=0,9,x,3'],
      /Expected whole pixels from 0 to 32767, but one is 'x'/,
    ],
    [
      'shares of the frame',
      ['--track', '--count-line', 'a=0.1,0.5,0.9,0.5'],
      /Expected whole pixels .*, but one is '0\.1'/,
    ],
    [
      'pixels left of the frame',
      ['--track', '--count-line', 'a=-5,0,9,9'],
      /Expected whole pixels .*, but one is '-5'/,
    ],
    [
      'points outside the frame',
      [...TRACK, '--count-zone', 'a=0,0,121,0,0,80', '--json', 'never.json'],
      /--count-zone a: expected points in the frame, 0,0 to 120,80, but received '121,0'/,
    ],
    [
      'options of lines without a line',
      ['--track', '--count-after', '2'],
      /--count-after: expected --count-line beside it/,
    ],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await lowformer(['detect', ...model, 'frames', ...args], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(existsSync(join(cwd, 'never.json'))).toBe(false);
  });
});
