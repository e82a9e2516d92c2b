/** A server whose network's thread is killed while it answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { loadModel } from '../../models/load_model.js';
import { createService } from '../../service/create_service.js';
import { DEFAULT_LIMITS } from '../../service/limits.js';
import { listen } from '../../service/listen.js';
import { servedModel } from '../../service/served_model.js';
import { startedThreads } from '../engines/thread/threads_started.js';
import { temporaryFolder } from '../tools/command_line.js';
import { detector, drawPicture, writeModel, writePicture } from '../tools/tiny_models.js';

const cwd = temporaryFolder();
beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  await writePicture(join(cwd, 'a.png'), drawPicture(120, 80));
});

test('the picture that ran is a fault; those that waited are answered, and those that come', async () => {
  const threads = startedThreads();
  const loaded = await loadModel(join(cwd, 'det.json'), { checkpoint: join(cwd, 'det.safetensors') });
  await using model = servedModel('det', loaded, { limits: DEFAULT_LIMITS, sessions: 1, maxBatch: 1, maxWait: 0 });
  const { app } = await createService({
    models: new Map([['det', model]]),
    limits: DEFAULT_LIMITS,
    ownNamesAlone: true,
  });
  try {
    const address = await listen({ app }, { host: '127.0.0.1', port: 0 });
    const body = new Uint8Array(readFileSync(join(cwd, 'a.png')));
    const ask = async () => {
      const headers = { 'content-type': 'image/png' };
      const response = await fetch(`${address}/v1/models/det/detect`, { method: 'POST', body, headers });
      return { status: response.status, text: await response.text() };
    };
    const right = await ask();
    expect(right.status).toBe(200);
    for (let round = 0; round < 3; round++) {
      const asked = Array.from({ length: 12 }, ask);
      await vi.waitUntil(() => model.queue.running > 0, { interval: 1 });
      await threads.kill();
      const answers = await Promise.all(asked);
      const faults = answers.filter(({ status }) => status === 500);
      expect(faults.length).toBeLessThanOrEqual(1);
      expect(answers.filter((answer) => answer.status === 200 && answer.text === right.text)).toHaveLength(
        12 - faults.length,
      );
    }
    expect(await ask()).toEqual(right);
  } finally {
    await app.close();
  }
});
