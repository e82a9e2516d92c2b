import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readTrainingEvents, type TrainingEvent } from '../../training/events.js';
import { openRunLog } from '../../training/folder/run_log.js';

const EVENTS: readonly TrainingEvent[] = [
  {
    kind: 'started',
    iteration: 0,
    iterations: 4,
    epochs: 2,
    iterationsOfEpoch: 2,
    batchSize: 3,
    seed: 7,
    parameters: 100,
  },
  {
    kind: 'note',
    iteration: 0,
    note: { kind: 'box-outside', where: 'a.json', message: 'Boxes outside', count: 2, examples: ['1.png'] },
  },
  {
    kind: 'step',
    epoch: 1,
    iteration: 1,
    losses: { loss_cls: 1.25, loss_bbox: Number.POSITIVE_INFINITY },
    logged: {},
    loss: Number.NaN,
    gradientNorm: 3,
    learningRate: 0.001,
    seconds: 0.5,
    waitingSeconds: 0,
  },
  { kind: 'validated', epoch: 1, iteration: 2, metrics: { 'coco/bbox_mAP': 0.5 }, isBest: true, seconds: 1 },
  { kind: 'checkpoint', epoch: 1, iteration: 2, which: 'best', path: 'best.safetensors' },
  {
    kind: 'finished',
    epoch: 2,
    iteration: 4,
    reason: 'early-stopping',
    why: 'It got no better.',
    best: { metric: 'coco/bbox_mAP', value: 0.5 },
  },
];

test('every event comes back from the log as it was, numbers that are none among them', async () => {
  const path = join(newFolder(), 'log.jsonl');
  {
    await using log = await openRunLog(path, 0);
    for (const event of EVENTS) await log.write(event);
  }
  expect(await readTrainingEvents(path)).toEqual(EVENTS);
});

test('a line that is no event is named', async () => {
  const path = join(newFolder(), 'log.jsonl');
  appendFileSync(path, '{"iteration":1,"kind":"lunch"}\n');
  await expect(readTrainingEvents(path)).rejects.toThrow(`${path}:1: expected an event of a training run`);
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-events-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
