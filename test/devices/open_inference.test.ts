/** Triton's own client for Python speaks with the server, and finds what `/v1` tells. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadModel } from '../../models/load_model.js';
import { createService } from '../../service/create_service.js';
import { DEFAULT_LIMITS } from '../../service/limits.js';
import { listen } from '../../service/listen.js';
import { servedModel } from '../../service/served_model.js';
import { needs } from '../needs.js';
import { hasPythonPackage, PYTHON } from '../python.js';
import { run } from '../run_program.js';
import { detector, drawPicture, writeModel, writePicture } from '../tools/tiny_models.js';
import { createWorkspace, ROOT } from '../workspace.js';
import { DEVICES_WANTED } from './emulators.js';

const tensor = z.tuple([z.string(), z.unknown()]);
const answerSchema = z.object({
  well: z.array(z.boolean()),
  known: z.array(z.boolean()),
  server: z.unknown(),
  model: z.unknown(),
  found: z.record(z.string(), z.record(z.string(), tensor)),
  refused: z.array(z.tuple([z.string(), z.string()])),
});
const recordsSchema = z.tuple([
  z.object({
    detections: z.array(z.object({ bbox: z.array(z.number()), score: z.number(), class_index: z.number() })),
  }),
]);

test('tritonclient is told what /v1 tells', {
  timeout: 120_000,
  ...needs('tritonclient', DEVICES_WANTED && hasPythonPackage('tritonclient.http')),
}, async () => {
  using workspace = createWorkspace();
  const folder = workspace.addReader('served');
  await writeModel(folder, 'det', detector);
  const { width, height, data } = drawPicture(48, 32);
  const [picture, pixels] = [join(folder, 'a.png'), join(folder, 'a.rgb')];
  await writePicture(picture, { width, height, data });
  writeFileSync(pixels, data);
  const loaded = await loadModel(join(folder, 'det.json'), { checkpoint: join(folder, 'det.safetensors') });
  await using model = servedModel('det', loaded, { limits: DEFAULT_LIMITS, sessions: 1, maxBatch: 1, maxWait: 0 });
  const { app, ...rest } = await createService({
    models: new Map([['det', model]]),
    limits: DEFAULT_LIMITS,
    ownNamesAlone: true,
  });
  try {
    const address = await listen({ app, ...rest }, { host: '127.0.0.1', port: 0 });
    const program = join(ROOT, 'test/devices/programs/open_inference_client.py');
    const args = [program, new URL(address).host, 'det', picture, pixels, String(height), String(width)];
    const { code, stdout, stderr } = await run(PYTHON, args, folder);
    expect(code, stderr).toBe(0);
    const told = answerSchema.parse(JSON.parse(stdout));
    const body = new Uint8Array(readFileSync(picture));
    const headers = { 'content-type': 'image/png' };
    const v1 = await fetch(`${address}/v1/models/det/detect`, { method: 'POST', body, headers });
    const [{ detections }] = recordsSchema.parse(await v1.json());

    expect(detections.length).toBeGreaterThan(0);
    expect(told.well).toEqual([true, true, true]);
    expect(told.known).toEqual([false]);
    expect(told.server).toMatchObject({ name: 'lowformer', extensions: ['binary_tensor_data'] });
    expect(told.model).toMatchObject({ name: 'det', inputs: [{ name: 'rgb' }, { name: 'file' }] });
    expect(Object.keys(told.found)).toHaveLength(7);
    for (const [way, found] of Object.entries(told.found)) {
      const boxes = z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])).parse(found.boxes?.[1]);
      expect(found.boxes?.[0], way).toBe('float32');
      expect(
        boxes.map(([x1, y1, x2, y2]) => [x1, y1, x2 - x1, y2 - y1]),
        way,
      ).toEqual(detections.map(({ bbox }) => bbox));
      expect(found.scores, way).toEqual(['float32', detections.map(({ score }) => score)]);
      expect(found.labels, way).toEqual(['int64', detections.map(({ class_index }) => class_index)]);
      expect(found.num_detections, way).toEqual(['int64', [detections.length]]);
    }
    expect(told.refused).toEqual([
      ['404', expect.stringContaining('the name of a model that is served: det')],
      ['400', expect.stringContaining("'UINT8', which rgb is of")],
      ['404', expect.stringContaining('models have no versions here')],
      ['400', expect.stringContaining('body.parameters.priority')],
    ]);
  } finally {
    await app.close();
  }
});
