/** `lowformer serve` as it is started, asked and ended: a real server on a free port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { needs } from '../../needs.js';
import { fileRequest, inferBody, rgbRequest, tensorsIn } from '../../service/open_inference/requests.js';
import { COMMAND, lowformer, temporaryFolder } from '../command_line.js';
import { classifier, detector, drawPicture, expectMistake, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const KEY = 'theirs-0123456789';

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  await writeModel(cwd, 'cls', classifier);
  writeFileSync(join(cwd, 'api.keys'), `alice ${KEY}\n`, { mode: 0o600 });
  writeFileSync(join(cwd, 'open.keys'), `alice ${KEY}\n`, { mode: 0o644 });
  await writePicture(join(cwd, 'a.png'), drawPicture(120, 80));
  await writePicture(join(cwd, 'b.png'), drawPicture(90, 60));
  await writeModel(cwd, 'twice', detector);
});

const recordsSchema = z.tuple(
  [
    z.looseObject({
      detections: z.array(z.looseObject({ bbox: z.array(z.number()), score: z.number(), class_index: z.number() })),
    }),
  ],
  z.unknown(),
);

interface Started {
  readonly address: string;
  /** Sends SIGTERM. */
  readonly end: () => void;
  readonly hangUp: () => void;
  /** Waits until it has said so on stderr. */
  readonly said: (message: string) => Promise<void>;
  /** Its exit code, and all that it said. */
  readonly ended: Promise<{ readonly code: unknown; readonly stderr: string }>;
}

/** Starts it on a free port, and waits until it tells where. */
async function start(...args: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, [COMMAND, 'serve', ...args, '--port', '0'], { cwd });
  let told = '';
  child.stderr.on('data', (piece: Buffer) => {
    told += piece;
  });
  const stderr = text(child.stderr);
  const ended = once(child, 'exit').then(async ([code]) => ({ code, stderr: await stderr }));
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then((early) => Promise.reject(new Error(`${early.code}: ${early.stderr}`))),
  ]);
  const address = String(line);
  return {
    address,
    end: () => child.kill('SIGTERM'),
    hangUp: () => child.kill('SIGHUP'),
    said: (message) => vi.waitUntil(() => told.includes(message), { timeout: 30_000 }).then(() => {}),
    ended,
  };
}

const post = (url: string, body: FormData | Uint8Array<ArrayBuffer>, type?: string) =>
  fetch(url, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${KEY}`, ...(type === undefined ? {} : { 'content-type': type }) },
  });

// Windows has no SIGTERM that a program could answer.
describe('a server', needs('notWindows', process.platform !== 'win32'), () => {
  test('answers as the command line does, and ends with 0 when it is told to', async () => {
    const models = [
      'found=det.json',
      'cls.json',
      '--checkpoint',
      'found=det.safetensors',
      '--checkpoint',
      'cls=cls.safetensors',
      '--keys',
      'api.keys',
    ];
    const server = await start(...models);
    expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const detect = `${server.address}/v1/models/found/detect?score-thr=0.1`;

    const form = new FormData();
    for (const name of ['a.png', 'b.png'])
      form.append('picture', new Blob([new Uint8Array(readFileSync(join(cwd, name)))]), name);
    const [answer, command] = await Promise.all([
      post(detect, form),
      lowformer(['detect', 'det.json', '--checkpoint', 'det.safetensors', 'a.png', 'b.png', '--score-thr', '0.1'], {
        cwd,
      }),
    ]);
    const records: unknown = await answer.json();
    expect(records).toEqual(JSON.parse(command.stdout));
    expect(records).toHaveLength(2);
    const classified = await post(
      `${server.address}/v1/models/cls/classify?top=2`,
      new Uint8Array(readFileSync(join(cwd, 'a.png'))),
      'image/png',
    );
    expect(await classified.json()).toMatchObject([{ file: 'picture', width: 120, height: 80 }]);

    expect((await fetch(`${server.address}/v1/models`)).status).toBe(401);
    // The same numbers as tensors, whether the server decodes the picture or is given its pixels.
    const infer = async ({ payload, headers }: ReturnType<typeof inferBody>) => {
      const url = `${server.address}/v2/models/found/infer`;
      const response = await fetch(url, {
        method: 'POST',
        body: new Uint8Array(payload),
        headers: { ...headers, authorization: `Bearer ${KEY}` },
      });
      const rawPayload = new Uint8Array(await response.arrayBuffer());
      return tensorsIn({ headers: Object.fromEntries(response.headers), rawPayload }).tensors;
    };
    const more = { parameters: { 'score-thr': 0.1, binary_data_output: true } };
    const [{ detections }] = recordsSchema.parse(records);
    const files = ['a.png', 'b.png'].map((name) => readFileSync(join(cwd, name)));
    const ofFiles = await infer(inferBody(fileRequest(files.slice(0, 1), more)));
    const { data, width, height } = drawPicture(120, 80);
    expect(await infer(inferBody(rgbRequest([1, height, width, 3], data, more)))).toEqual(ofFiles);
    expect(ofFiles.scores?.values).toEqual(detections.map(({ score }) => score));
    expect(ofFiles.labels?.values).toEqual(detections.map(({ class_index }) => class_index));
    const corners = ofFiles.boxes?.values ?? [];
    const asTold = detections.flatMap((_, i) => {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = corners.slice(4 * i);
      return [x1, y1, x2 - x1, y2 - y1];
    });
    expect(asTold).toEqual(detections.flatMap(({ bbox }) => bbox));
    expect(detections.length).toBeGreaterThan(0);

    // Files of another task, keys of somebody else: both are read again.
    for (const ending of ['json', 'safetensors']) copyFileSync(join(cwd, `cls.${ending}`), join(cwd, `det.${ending}`));
    writeFileSync(join(cwd, 'api.keys'), `${KEY}\nbob ${KEY}0\n`);
    server.hangUp();
    await server.said('cls: read again');
    const facts = await fetch(`${server.address}/v1/models/found`, { headers: { authorization: `Bearer ${KEY}0` } });
    expect(await facts.json()).toMatchObject({ name: 'found', task: 'classification' });
    writeFileSync(join(cwd, 'det.safetensors'), 'nothing');
    const refused = await post(`${server.address}/v1/models/found/reload`, new Uint8Array(), 'image/png');
    expect(await refused.json()).toMatchObject({ status: 500, code: 'not-reloaded' });
    expect((await post(`${server.address}/v1/models/cls/reload`, new Uint8Array(), 'image/png')).status).toBe(200);

    server.end();
    const { code, stderr } = await server.ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`found: ${server.address}/v1/models/found (detection)`);
    expect(stderr).toMatch(
      /"method":"POST","url":"\/v1\/models\/found\/detect\?score-thr=0\.1","key":"alice","status":200/,
    );
    expect(stderr).not.toMatch(/0123456789|nobody is asked|"headers"|Warning/);
  });
});

test('--tta is the command’s', needs('notWindows', process.platform !== 'win32'), async () => {
  const model = ['twice.json', '--checkpoint', 'twice.safetensors'];
  const server = await start(...model, '--tta', '--quiet');
  const form = new FormData();
  form.append('picture', new Blob([new Uint8Array(readFileSync(join(cwd, 'a.png')))]), 'a.png');
  const [answer, command, plain] = await Promise.all([
    post(`${server.address}/v1/models/twice/detect`, form),
    lowformer(['detect', ...model, 'a.png', '--tta'], { cwd }),
    lowformer(['detect', ...model, 'a.png'], { cwd }),
  ]);
  const told = await answer.text();
  expect(JSON.parse(told)).toEqual(JSON.parse(command.stdout));
  expect(JSON.parse(told)).not.toEqual(JSON.parse(plain.stdout));
  server.end();
  expect(await server.ended).toEqual({ code: 0, stderr: '' });
});

describe('what is refused', () => {
  test.each<[readonly string[], string]>([
    [['det.json'], 'expected trained weights, but none are given'],
    [['det.json', '--tls-cert', 'a.pem'], '--tls-cert: expected --tls-key beside it: TLS needs both'],
    [['cls.json', '--checkpoint', 'cls.safetensors', '--dense-boxes'], 'denseBoxes: expected a detector'],
    [['det.json', '--port', '70000'], 'Expected a port, from 0 to 65535'],
    [['det.json', '--max-wait', '5'], '--max-wait: expected --max-batch above 1'],
    [['det.json', '--max-pictures', '65'], '--max-queue: expected at least the 65 of --max-pictures'],
    [
      ['det.json', 'cls.json', '--cfg-options', 'a=1'],
      '--cfg-options: expected one model that it is of but received 2',
    ],
  ])('%j', async (args, message) => {
    expect(expectMistake(await lowformer(['serve', ...args], { cwd }))).toContain(message);
  });

  test('keys from two places, and a variable without a key', async () => {
    const serve = (given: string, ...args: readonly string[]) =>
      lowformer(['serve', 'det.json', ...args], { cwd, env: { LOWFORMER_KEYS: given } });
    const [both, none] = await Promise.all([serve(KEY, '--keys', 'api.keys'), serve('')]);
    expect(expectMistake(both)).toContain('--keys: expected no variable LOWFORMER_KEYS beside it');
    expect(expectMistake(none)).toContain('LOWFORMER_KEYS: expected at least one key');
  });

  test('keys that others can read', needs('notWindows', process.platform !== 'win32'), async () => {
    const message = expectMistake(await lowformer(['serve', 'det.json', '--keys', 'open.keys'], { cwd }));
    expect(message).toContain("only its owner can read or write but received 'mode 644'. Run: chmod 600 open.keys");
  });
});
