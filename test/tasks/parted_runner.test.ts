/** A detector in two parts finds what the whole network finds. */
import { afterAll, describe, expect, test } from 'vitest';
import type { Detections } from '../../core/results.js';
import type { Tensors } from '../../core/tensor.js';
import type { Network } from '../../graph/graph.js';
import { switchedPasses } from '../../graph/passes/index.js';
import { findTower } from '../../graph/towers.js';
import { openConfig, predictionParts } from '../../models/open_config.js';
import type { LowformerConfig } from '../../tasks/config.js';
import { type DeployedParts, deploy, deployParts } from '../../tasks/deploy.js';
import type { Runner } from '../../tasks/network_runs.js';
import { createPartedRunner } from '../../tasks/parted_runner.js';
import { createPredictor } from '../../tasks/predictor.js';
import { seededRandom } from '../random.js';
import { formulaNetwork, openRunner } from '../run_network.js';
import { detector } from '../tools/tiny_configs.js';

const HEADS = {
  RetinaHead: { stacked_convs: 2 },
  'RetinaHead without a tower': { stacked_convs: 0 },
  'RetinaHead with batch norm': { stacked_convs: 2, norm_cfg: { type: 'BN' } },
  'RetinaHead of a softmax': { loss_cls: { type: 'CrossEntropyLoss', use_sigmoid: false } },
  PISARetinaHead: { stacked_convs: 4 },
  FreeAnchorRetinaHead: {},
  TorchvisionRetinaHead: { num_classes: 4, stacked_convs: undefined, feat_channels: undefined },
} as const;

const open: AsyncDisposable[] = [];
afterAll(async () => {
  for (const runner of open) await runner[Symbol.asyncDispose]();
});

async function runnerOf(network: Network): Promise<Runner> {
  const runner = await openRunner(network);
  open.push(runner);
  return runner;
}

interface TestKeys {
  readonly score_thr: number;
  readonly nms_pre?: number;
}

/** A tiny detector with the formula weights, the classifier's steeper so that scores are anything from 0 to 1. */
async function opened(name: string, keys: TestKeys) {
  const { loss_bbox: _, ...common } = detector.model.bbox_head;
  const own = Object.entries(HEADS).find(([head]) => head === name)?.[1] ?? {};
  const given = Object.entries({ ...common, ...own, type: name.split(' ')[0] });
  const bbox_head: object = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const test_cfg: object = { ...detector.model.test_cfg, ...keys };
  const { train_cfg: __, ...rest } = detector.model;
  return openConfig(plain({ ...detector, model: { ...rest, bbox_head, test_cfg } }));
}

/** As a file would bring it: its keys are checked when it is opened. */
function plain(config: object): LowformerConfig {
  return JSON.parse(JSON.stringify(config));
}

const PASSES = switchedPasses({ composeLinear: true, subPixel: true });

/** The networks of a head, ready to run: what `test_cfg` says is no part of them. */
async function sessionsOf(name: string) {
  const { model, ...config } = await opened(name, { score_thr: 0 });
  const formula = formulaNetwork(model.wholeGraph).parameters;
  const parameters = (parameter: string) => {
    const value = formula(parameter);
    return parameter.endsWith('retina_cls.weight') ? { ...value, data: value.data.map((w) => w * 30) } : value;
  };
  const { pipeline } = predictionParts({ model, ...config });
  const tower = findTower(model.graph);
  if (tower === undefined) throw new Error('a tower was expected');
  const use = { inputs: { kind: 'prepared', pipeline }, passes: PASSES } as const;
  const parts = deployParts(model, parameters, tower, use);
  const calls: string[] = [];
  const counted = async (part: Exclude<keyof DeployedParts, 'tower'>): Promise<Runner> => {
    const runner = await runnerOf(parts[part]);
    return {
      run(inputs, options) {
        calls.push(part);
        return runner.run(inputs, options);
      },
    };
  };
  const [first, towerAtPixels] = [await counted('first'), await counted('towerAtPixels')];
  const everywhere = await counted('towerEverywhere');
  const whole = await runnerOf(deploy(model, parameters, use));
  return { whole, calls, given: { tower, first, towerAtPixels, towerEverywhere: async () => everywhere } };
}

/** What `test_cfg` decides. */
async function predictorOf(name: string, keys: TestKeys) {
  const { model, ...config } = await opened(name, keys);
  const { pipeline, labels } = predictionParts({ model, ...config });
  if (model.task !== 'detection') throw new Error('a detector was expected');
  const { candidatePixels } = model.decode;
  if (candidatePixels === undefined) throw new Error('a tower was expected');
  const predictor = (runner: Runner) => createPredictor({ model, runner, pipeline, labels });
  return { candidatePixels, predictor };
}

/** Of uneven sides, and of stripes as wide as chance says. */
function picture(random: () => number) {
  const [width, height] = [40 + Math.floor(random() * 60), 30 + Math.floor(random() * 40)];
  const colours = Array.from({ length: 12 }, () => Math.floor(random() * 256));
  const [across, down] = [3 + Math.floor(random() * 9), 3 + Math.floor(random() * 9)];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const stripe = Math.floor((pixel % width) / across) + 3 * Math.floor(pixel / width / down);
    return colours[(stripe + (i % 3)) % colours.length] ?? 0;
  });
  return { width, height, data };
}

function expectSame(actual: Detections, expected: Detections): void {
  expect(actual.detections).toHaveLength(expected.detections.length);
  for (const [i, found] of actual.detections.entries()) {
    const reference = expected.detections[i];
    expect(found.classIndex).toBe(reference?.classIndex);
    expect(Math.abs(found.score - (reference?.score ?? Number.NaN))).toBeLessThan(1e-5);
    for (const [side, value] of found.box.entries()) {
      expect(Math.abs(value - (reference?.box[side] ?? Number.NaN))).toBeLessThan(0.01);
    }
  }
}

const isDetections = (result: { readonly kind: string }): result is Detections => result.kind === 'detection';

test.each(Object.keys(HEADS))('%s: the boxes of the whole network', async (name) => {
  const { given, whole, calls } = await sessionsOf(name);
  for (const [score_thr, nms_pre] of [
    [0, 1000],
    [0, 6],
    [0.05, 1000],
    [0.9, 1000],
    [0.9, 3],
    [1, 1000],
    [0.3, -20],
  ] as const) {
    const { candidatePixels, predictor } = await predictorOf(name, { score_thr, nms_pre });
    const random = seededRandom(nms_pre + 77);
    const pictures = Array.from({ length: 3 }, () => picture(random));
    const expected = (await predictor(whole)(pictures)).filter(isDetections);
    // At pixels whatever the share is, at pixels or not, and everywhere.
    for (const mostShare of [1, 0.4, 0]) {
      calls.length = 0;
      const runner = createPartedRunner({ ...given, candidatePixels, mostShare });
      const actual = (await predictor(runner)(pictures)).filter(isDetections);
      expect(actual).toHaveLength(expected.length);
      for (const [i, result] of actual.entries()) if (expected[i] !== undefined) expectSame(result, expected[i]);
      if (mostShare === 1) expect(calls).not.toContain('towerEverywhere');
      if (mostShare === 0) expect(calls).not.toContain('towerAtPixels');
    }
    if (score_thr === 1) expect(calls).toEqual(['first']);
    else expect(expected.some(({ detections }) => detections.length > 0)).toBe(true);
  }
});

test('a group norm reads the whole map: what is left is the last convolution', async () => {
  const bbox_head: object = { ...detector.model.bbox_head, norm_cfg: { type: 'GN', num_groups: 4 } };
  const { model } = await openConfig(plain({ ...detector, model: { ...detector.model, bbox_head } }));
  expect(findTower(model.graph)?.layers).toHaveLength(1);
});

describe('how calls run', async () => {
  const { given, whole, calls } = await sessionsOf('RetinaHead');
  const { candidatePixels, predictor } = await predictorOf('RetinaHead', { score_thr: 0.05 });
  const parts = { ...given, candidatePixels, mostShare: 1 };

  test('one after another, and what is aborted while it waits is not begun', async () => {
    const predict = predictor(createPartedRunner(parts));
    const random = seededRandom(5);
    const abort = new AbortController();
    calls.length = 0;
    const first = predict([picture(random)]);
    const second = predict([picture(random)], { signal: abort.signal });
    const third = predict([picture(random)]);
    abort.abort(new Error('no more'));
    await expect(second).rejects.toThrow('no more');
    await Promise.all([first, third]);
    expect(calls).toEqual(['first', 'towerAtPixels', 'first', 'towerAtPixels']);
  });

  test('NaN is said of the picture that the network gave it for', async () => {
    const random = seededRandom(9);
    const pictures = [picture(random), picture(random)];
    const spoilt = (runner: Runner): Runner => ({
      async run(inputs, options) {
        const outputs: Tensors = await runner.run(inputs, options);
        const { cls0 } = outputs;
        if (cls0 !== undefined) cls0.data[cls0.data.length - 1] = Number.NaN;
        return outputs;
      },
    });
    const parted = createPartedRunner({ ...parts, first: spoilt(given.first) });
    const names = ['a.png', 'b.png'];
    const failing = [predictor(parted)(pictures, {}, names), predictor(spoilt(whole))(pictures, {}, names)];
    const [actual, expected] = await Promise.allSettled(failing);
    expect(actual).toMatchObject({ status: 'rejected', reason: { code: 'not-a-number' } });
    expect(actual).toEqual(expected);
  });

  test('what one run fails with is its own', async () => {
    let failing = true;
    const first: Runner = {
      run(inputs, options) {
        if (!failing) return given.first.run(inputs, options);
        failing = false;
        return Promise.reject(new Error('the thread ended'));
      },
    };
    const predict = predictor(createPartedRunner({ ...parts, first }));
    const random = seededRandom(3);
    const results = await Promise.allSettled([predict([picture(random)]), predict([picture(random)])]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});
