import { describe, expect, test } from 'vitest';
import { parsePart } from '../../registry/parse_module.js';
import { createBestScore } from '../../training/recipe/best_score.js';
import { createEarlyStopping, earlyStoppingSchema } from '../../training/recipe/early_stopping.js';
import { metricRule } from '../../training/recipe/metric_rule.js';

const saved = (values: unknown) => ({ tensors: {}, values: JSON.parse(JSON.stringify(values)) });

test('what is better follows from a metric’s name', () => {
  const names = ['coco/bbox_mAP', 'mIoU', 'accuracy/top1', 'val_loss', 'pascal_voc/AR@100'];
  expect(names.map((name) => metricRule(name, ''))).toEqual(['greater', 'greater', 'greater', 'less', 'greater']);
  expect(metricRule('error', '', { less: ['error'] })).toBe('less');
  expect(() => metricRule('error', 'here')).toThrow(/^here: expected a metric whose name tells/);
});

describe('the best score', () => {
  test('of the first metric, the same after going on', () => {
    const whole = createBestScore({ metric: 'auto' });
    let going = createBestScore({ metric: 'auto' });
    const values = [0.2, 0.1, Number.NaN, 0.2, 0.3];
    const better = values.map((value) => {
      const metrics = { mIoU: value, mAcc: 1 };
      const again = createBestScore({ metric: 'auto' });
      again.restore(saved(going.state().values));
      going = again;
      return [whole.update(metrics), going.update(metrics)];
    });
    expect(better).toEqual([true, false, false, false, true].map((is) => [is, is]));
    expect(going.best).toEqual({ metric: 'mIoU', value: 0.3 });
  });

  test('of a loss, and of a metric that is not there', () => {
    const best = createBestScore({ metric: 'loss' });
    expect([3, 4, 2].map((loss) => best.update({ loss }))).toEqual([true, false, true]);
    const other = createBestScore({ metric: 'mAP', rule: 'greater' }, 'save_best');
    expect(() => other.update({ mIoU: 1 })).toThrow(/^save_best: expected a metric that validation gives \(mIoU\)/);
  });
});

describe('training ends early', () => {
  const create = (config: object) => createEarlyStopping(parsePart(earlyStoppingSchema, config, { path: '' }), 'hook');
  const run = (config: object, values: readonly number[]) => {
    let stopping = create(config);
    return values.map((mAP) => {
      const again = create(config);
      again.restore(saved(stopping.state().values));
      stopping = again;
      return stopping.update({ mAP });
    });
  };

  test('after as many validations as its patience, counted from the last that was better by min_delta', () => {
    const config = { monitor: 'mAP', min_delta: 0.01, patience: 2 };
    expect(run(config, [0.1, 0.105, 0.2, 0.2, 0.205])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'mAP was no better than 0.2 in the last 2 validations.',
    ]);
  });

  test('at a threshold, and at what is no number', () => {
    expect(run({ monitor: 'mAP', stopping_threshold: 0.5 }, [0.4, 0.6])).toEqual([
      undefined,
      'mAP is 0.6, greater than 0.5.',
    ]);
    expect(run({ monitor: 'mAP' }, [0.4, Number.NaN])).toEqual([undefined, 'mAP is NaN.']);
    expect(run({ monitor: 'mAP', rule: 'less', min_delta: 0, patience: 1 }, [3, 2, 2.5])[2]).toMatch(
      /no better than 2 /,
    );
  });

  test('by percent for what mmseg gives in percent, and validation here as fractions', () => {
    const stopping = create({ monitor: 'mIoU', min_delta: 1, patience: 1, stopping_threshold: 60 });
    expect(stopping.update({ mIoU: 0.4 })).toBeUndefined();
    expect(stopping.update({ mIoU: 0.42 })).toBeUndefined();
    expect(stopping.update({ mIoU: 0.61 })).toBe('mIoU is 0.61, greater than 0.6.');
    expect(stopping.update({ mIoU: 0.615 })).toMatch(/greater than 0\.6/);
    const patient = create({ monitor: 'seg/mIoU', min_delta: 1, patience: 1 });
    expect(patient.update({ 'seg/mIoU': 0.4 })).toBeUndefined();
    expect(patient.update({ 'seg/mIoU': 0.405 })).toBe('seg/mIoU was no better than 0.4 in the last 1 validations.');
  });

  test('not without its metric, which is an error where strict says so', () => {
    expect(create({ monitor: 'mAP' }).update({})).toBeUndefined();
    expect(() => create({ monitor: 'mAP', strict: true }).update({ mIoU: 1 })).toThrow(
      /^hook\.monitor: expected a metric/,
    );
  });
});
