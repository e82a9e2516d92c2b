/** Each program of examples/ runs as its reader runs it: by jiti, in a project that has the published package installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { writeImage } from '../../drawing/write_png.js';
import { needs } from '../needs.js';
import { installPacked } from '../packed_package.js';
import { compile, type Finished, run } from '../run_program.js';
import { createWorkspace, ROOT } from '../workspace.js';

const JITI = `${ROOT}node_modules/jiti/lib/jiti-cli.mjs`;
const workspace = createWorkspace();
const { folder } = workspace;
const picture = `${ROOT}assets/blood_cells.jpg`;

beforeAll(async () => {
  await installPacked(join(folder, 'node_modules/lowformer'));
  symlinkSync(join(ROOT, 'node_modules/fastify'), join(folder, 'node_modules/fastify'), 'junction');
  cpSync(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true });
});
afterAll(() => workspace[Symbol.dispose]());

/** @param input what comes on stdin. */
function example(args: readonly string[], input?: Uint8Array): Promise<Finished> {
  const [file = '', ...rest] = args;
  return run(process.execPath, [JITI, `examples/${file}`, ...rest], folder, input);
}

test('examples/README.md names each of them', () => {
  const text = readFileSync(`${ROOT}examples/README.md`, 'utf8');
  const others = readdirSync(`${ROOT}examples`).filter((name) => name !== 'README.md');
  expect(others).toHaveLength(5);
  for (const name of others) expect(text).toContain(`| [${name.endsWith('.ts') ? name : `${name}/`}](`);
});

test('they compile against the published package', async () => {
  const tsconfig = join(folder, 'tsconfig.json');
  const compilerOptions = { rootDir: folder, noEmit: true, types: ['node'] };
  writeFileSync(
    tsconfig,
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: ['examples'], exclude: [] }),
  );
  expect(await compile(tsconfig)).toBe('');
});

test('video_frames.ts: raw frames from stdin, in pieces of any size', async () => {
  const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
  const grey = Buffer.alloc(data.length, 200);
  const stream = Buffer.concat([data, grey, data, data.subarray(0, 1000)]);
  const { code, stdout, stderr } = await example(['video_frames.ts', String(info.width), String(info.height)], stream);
  const message = `the stream ends within a frame, after 1000 of ${data.length} bytes\n`;
  expect({ code, stderr }).toEqual({ code: 0, stderr: message });
  const frames = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(frames.map(({ frame }) => frame)).toEqual([0, 1, 2]);
  expect(frames.map(({ boxes }) => boxes.length > 10)).toEqual([true, false, true]);
  expect(frames[2].boxes).toEqual(frames[0].boxes);
});

test('folder_to_csv.ts: a table of boxes, and a name for what cannot be read', async () => {
  mkdirSync(join(folder, 'pictures'));
  copyFileSync(picture, join(folder, 'pictures', 'a, "b".jpg'));
  writeFileSync(join(folder, 'pictures', 'broken.png'), 'no picture');
  writeFileSync(join(folder, 'pictures', 'notes.txt'), '');
  const { code, stdout, stderr } = await example(['folder_to_csv.ts', 'pictures']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^pictures.broken\.png: expected a .* picture[^\n]*\n$/);
  const [head, ...rows] = stdout.trimEnd().split('\n');
  expect(head).toBe('file,category,score,left,top,right,bottom');
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) expect(row).toMatch(/^"a, ""b""\.jpg",(?:RBC|WBC|Platelets),[01]\.\d{4}(?:,\d+\.\d){4}$/);
});

test('evaluate.ts: the figures of `lowformer evaluate`', async () => {
  const { image, cells } = drawDemoScene(5);
  mkdirSync(join(folder, 'scenes'));
  await writeImage(join(folder, 'scenes', 'scene.png'), image);
  // In another order than the model's, with ids of its own.
  const categories = ['Platelets', 'RBC', 'WBC'].map((name, i) => ({ id: 10 * (i + 1), name }));
  const annotations = cells.map(({ kind, box: [x1, y1, x2, y2] }, i) => ({
    id: i + 1,
    image_id: 1,
    category_id: categories.find(({ name }) => name === kind)?.id,
    bbox: [x1, y1, x2 - x1, y2 - y1],
    area: (x2 - x1) * (y2 - y1),
    iscrowd: 0,
  }));
  const images = [{ id: 1, file_name: 'scene.png', width: image.width, height: image.height }];
  writeFileSync(join(folder, 'scenes.json'), JSON.stringify({ images, categories, annotations }));
  const { code, stdout, stderr } = await example(['evaluate.ts', 'scenes.json', 'scenes']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const command = [`${ROOT}dist/tools/lowformer.js`, 'evaluate', 'blood-cells', '--quiet', '--json', '-'];
  const data = ['--images', 'scenes', '--annotations', 'scenes.json'];
  const { stats } = JSON.parse((await run(process.execPath, [...command, ...data], folder)).stdout);
  expect(stats.AP).toBeGreaterThan(0.3);
  expect(stdout).toContain(`AP ${stats.AP.toFixed(3)}, AP50 ${stats.AP50.toFixed(3)}\n`);
});

test('own_head: a network with it is built and answers; the command line takes its config', async () => {
  const { code, stdout, stderr } = await example(['own_head/main.ts', picture]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    /^\d+ parameters, of the head head\.fc1\.weight, head\.fc1\.bias, head\.fc2\.weight, head\.fc2\.bias\n/,
  );
  const scores = [...stdout.matchAll(/^(?:cat|dog|neither) (0\.\d{3})$/gm)].map(([, score]) => Number(score));
  expect(scores).toHaveLength(3);
  expect(scores.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 2);
  const inspected = await run(
    process.execPath,
    [join(folder, 'node_modules/lowformer/dist/tools/lowformer.js'), 'inspect', 'examples/own_head/config.ts'],
    folder,
  );
  expect({ code: inspected.code, stderr: inspected.stderr }).toEqual({ code: 0, stderr: '' });
});

// Windows has no SIGTERM that a program could answer.
describe('server.ts', needs('notWindows', process.platform !== 'win32'), () => {
  const server = { address: '', stop: async (): Promise<number | null> => null };
  beforeAll(async () => {
    const child = spawn(process.execPath, [JITI, 'examples/server.ts'], {
      cwd: folder,
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    server.stop = async () => {
      child.kill('SIGTERM');
      const [code] = await ended;
      return code;
    };
    const [line] = await once(createInterface(child.stdout), 'line');
    server.address = String(line);
  });

  const post = (body: Uint8Array<ArrayBuffer>, type: string) =>
    fetch(`${server.address}/detect`, { method: 'POST', body, headers: { 'content-type': type } });

  test('finds objects', async () => {
    const response = await post(new Uint8Array(readFileSync(picture)), 'image/jpeg');
    expect(response.status).toBe(200);
    const found = await response.json();
    expect(found).toMatchObject({ kind: 'detection', width: 640, height: 480 });
    expect(
      z.object({ detections: z.array(z.object({ score: z.number() })) }).parse(found).detections.length,
    ).toBeGreaterThan(15);
  });
  test('says what is wrong with a picture', async () => {
    const response = await post(Uint8Array.of(1, 2, 3), 'image/png');
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: 'unreadable-image',
      error: expect.stringContaining('expected a'),
    });
  });
  test('takes pictures alone', async () => {
    expect((await post(Uint8Array.of(1), 'application/octet-stream')).status).toBe(415);
  });
  test('turns away what is more than it can take, and lives on when others hang up', async () => {
    const body = new Uint8Array(readFileSync(picture));
    const hanging = new AbortController();
    const left = fetch(`${server.address}/detect`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'image/jpeg' },
      signal: hanging.signal,
    });
    hanging.abort();
    await expect(left).rejects.toThrow();
    const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await post(body, 'image/jpeg')).status));
    expect([...new Set(statuses)].sort()).toEqual([200, 503]);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(16);
  });
  test('ends on SIGTERM', async () => expect(await server.stop()).toBe(0));
});
