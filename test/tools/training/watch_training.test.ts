/** What the person sees who has started a run, from its events. */
import { expect, test } from 'vitest';
import type { Log } from '../../../core/log.js';
import { duration } from '../../../tools/training/event_lines.js';
import { watchTraining } from '../../../tools/training/watch_training.js';
import type { TrainingEvent } from '../../../training/events.js';

/** Lines that were said, and those of progress with the bars that they stand in. */
function recorded(timed: boolean) {
  const lines: string[] = [];
  const log: Log = {
    say: (line) => void lines.push(line),
    warn: (line) => void lines.push(`! ${line}`),
    progress(total, unit, _, before = 0) {
      let done = before;
      if (timed) lines.push(`bar from ${before}`);
      return {
        timed,
        done: (line) => void lines.push(`[${++done}/${total} ${unit}] ${line}`),
        stop: () => void (timed && lines.push('bar stopped')),
      };
    },
  };
  return { lines, log };
}

const started = {
  iterations: 40,
  epochs: 20,
  iterationsOfEpoch: 2,
  batchSize: 6,
  seed: 3,
  parameters: 1234567,
} as const;
const step = (iteration: number, loss: number, waitingSeconds = 0): TrainingEvent => ({
  kind: 'step',
  epoch: Math.ceil(iteration / 2),
  iteration,
  losses: { loss_cls: loss / 4, loss_bbox: (3 * loss) / 4 },
  logged: {},
  loss,
  learningRate: 0.00080012,
  seconds: 1,
  waitingSeconds,
});
const validated = (isBest: boolean): TrainingEvent => ({
  kind: 'validated',
  epoch: 1,
  iteration: 2,
  metrics: { 'coco/bbox_mAP': 0.25, 'coco/bbox_mAP_s': -1 },
  isBest,
  seconds: 12,
});
const note = {
  kind: 'empty',
  where: 'train.json',
  message: 'Boxes without width are left out',
  count: 2,
  examples: [],
};
const finished: TrainingEvent = {
  kind: 'finished',
  epoch: 20,
  iteration: 40,
  reason: 'completed',
  best: { metric: 'coco/bbox_mAP', value: 0.25 },
};

test('lines say the mean of the last ten steps, the speed, and the time left', () => {
  const { lines, log } = recorded(false);
  let milliseconds = 0;
  const watch = watchTraining(log, 'runs/cells', () => milliseconds);
  watch.event({ kind: 'started', iteration: 0, ...started });
  watch.event({ kind: 'note', iteration: 0, note });
  for (const [i, loss] of [4, 2].entries()) {
    milliseconds += 2000;
    watch.event(step(i + 1, loss));
  }
  watch.event({ kind: 'checkpoint', epoch: 1, iteration: 2, which: 'last', path: 'last.safetensors' });
  watch.event(validated(true));
  watch.event(finished);
  watch.stop();
  expect(lines).toEqual([
    'training 1 234 567 parameters: 20 epochs, 40 steps of 6 pictures, seed 3',
    '! train.json: Boxes without width are left out (2)',
    '[1/40 steps] epoch 1/20: loss 4.0000 (loss_cls 1.0000, loss_bbox 3.0000), lr 0.0008, 2.0 s a step, 78 s left',
    '[2/40 steps] epoch 1/20: loss 3.0000 (loss_cls 0.7500, loss_bbox 2.2500), lr 0.0008, 2.0 s a step, 76 s left',
    'epoch 1: coco/bbox_mAP 0.2500, coco/bbox_mAP_s – (12 s); the best so far',
    'trained to the end. The best validation: coco/bbox_mAP 0.2500.',
    'the model is in runs/cells, a config and its weights in one: its name stands for both. runs/cells/report.html shows the run',
  ]);
});

test('a bar gives way to lines, and goes on where the run is', () => {
  const { lines, log } = recorded(true);
  const watch = watchTraining(log, 'runs/cells', () => 0);
  watch.event({ kind: 'started', iteration: 8, ...started, resumedFrom: { epoch: 4, iteration: 8 } });
  watch.event(step(9, 1));
  watch.event(validated(false));
  watch.event(step(10, 1));
  watch.event({ kind: 'finished', epoch: 5, iteration: 10, reason: 'stopped' });
  expect(lines.filter((line) => !line.startsWith('['))).toEqual([
    'training 1 234 567 parameters: 20 epochs, 40 steps of 6 pictures, seed 3; it goes on after step 8',
    'bar from 8',
    'bar stopped',
    'epoch 1: coco/bbox_mAP 0.2500, coco/bbox_mAP_s – (12 s)',
    'bar from 9',
    'bar stopped',
    'stopped after step 10, everything written: go on with --resume.',
  ]);
});

test('a network that waits for its pictures is said to, once', () => {
  const { lines, log } = recorded(false);
  const watch = watchTraining(log, 'runs/cells', () => 0);
  for (let i = 1; i <= 100; i++) watch.event(step(i, 1, 0.3));
  expect(lines.filter((line) => line.includes('num_workers'))).toEqual([
    'the network waits for its pictures 30 % of the time: a larger train_dataloader.num_workers helps where there are cores',
  ]);
});

test.each([
  [0.2, '1 s'],
  [89, '89 s'],
  [600, '10 min'],
  [3 * 3600 + 20 * 60, '3 h 20 min'],
  [80 * 3600, '3 d 8 h'],
])('%d seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));
