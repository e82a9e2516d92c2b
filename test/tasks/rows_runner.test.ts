/** A detector that gives out its candidates finds what it finds by its maps, to the bit. */
import { afterAll, expect, test } from 'vitest';
import type { Network } from '../../graph/graph.js';
import { topCandidates } from '../../graph/passes/index.js';
import { openConfig, predictionParts } from '../../models/open_config.js';
import type { LowformerConfig } from '../../tasks/config.js';
import { deploy } from '../../tasks/deploy.js';
import type { Runner } from '../../tasks/network_runs.js';
import { createPredictor } from '../../tasks/predictor.js';
import { createRowsRunner } from '../../tasks/rows_runner.js';
import { seededRandom } from '../random.js';
import { formulaNetwork, openRunner } from '../run_network.js';
import { detector } from '../tools/tiny_configs.js';

const STRIDES = [8, 16, 32, 64, 128];
const GN = { norm_cfg: { type: 'GN', num_groups: 4 } } as const;
const ANCHORS = {
  type: 'AnchorGenerator',
  ratios: [1],
  octave_base_scale: 8,
  scales_per_octave: 1,
  strides: STRIDES,
} as const;
const HEADS = {
  RetinaHead: {},
  ATSSHead: { ...GN, anchor_generator: ANCHORS },
  FCOSHead: { ...GN, anchor_generator: undefined, bbox_coder: undefined, loss_cls: undefined, strides: STRIDES },
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
  readonly nms_pre: number;
}

async function opened(name: string, keys: TestKeys) {
  const { loss_bbox: _, ...common } = detector.model.bbox_head;
  const own = Object.entries(HEADS).find(([head]) => head === name)?.[1] ?? {};
  const bbox_head: object = { ...common, ...own, type: name };
  const test_cfg: object = { ...detector.model.test_cfg, ...keys };
  const { train_cfg: __, ...rest } = detector.model;
  const config: LowformerConfig = JSON.parse(JSON.stringify({ ...detector, model: { ...rest, bbox_head, test_cfg } }));
  const found = await openConfig(config);
  if (found.model.task !== 'detection') throw new Error('a detector was expected');
  return { ...found, model: found.model };
}

/** Of uneven sides, and of noise in blocks. */
function picture(random: () => number) {
  const [width, height] = [40 + Math.floor(random() * 60), 30 + Math.floor(random() * 40)];
  const colours = Array.from({ length: 12 }, () => Math.floor(random() * 256));
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const block = Math.floor((Math.floor(i / 3) % width) / 7) + 3 * Math.floor(i / 3 / width / 5);
    return colours[(block + (i % 3)) % colours.length] ?? 0;
  });
  return { width, height, data };
}

test.each(Object.keys(HEADS))('%s', async (name) => {
  let maps: Runner | undefined;
  for (const [score_thr, nms_pre] of [
    [0, 1000],
    [0, 6],
    [0.05, 40],
  ] as const) {
    const { model, ...config } = await opened(name, { score_thr, nms_pre });
    const { candidateRows } = model.decode;
    if (candidateRows === undefined) throw new Error('rows were expected');
    const formula = formulaNetwork(model.wholeGraph).parameters;
    // Steeper scores, none of which are so near to 1 that float32 cannot tell them apart.
    const parameters = (parameter: string) => {
      const value = formula(parameter);
      return /_cls\.weight$|cls_logits\.weight$/.test(parameter)
        ? { ...value, data: value.data.map((w) => w * 5) }
        : value;
    };
    const parts = { model, ...predictionParts({ model, ...config }) };
    const inputs = { kind: 'any' } as const;
    maps ??= await runnerOf(deploy(model, parameters, { inputs }));
    const network = deploy(model, parameters, { inputs, passes: [topCandidates(candidateRows)] });
    expect(network.graph.outputs.map((output) => output.name)).toEqual(['rows']);
    const rows = createRowsRunner(await runnerOf(network), model.graph);
    const random = seededRandom(nms_pre);
    const pictures = Array.from({ length: 3 }, () => picture(random));
    const expected = await createPredictor({ ...parts, runner: maps })(pictures);
    expect(await createPredictor({ ...parts, runner: rows })(pictures)).toEqual(expected);
    expect(expected.some((one) => one.kind === 'detection' && one.detections.length > 0)).toBe(true);
  }
});

test.each([
  ['a softmax', 'RetinaHead', { nms_pre: 10 }, { loss_cls: { type: 'CrossEntropyLoss', use_sigmoid: false } }],
  ['no bound', 'RetinaHead', { nms_pre: -1 }, {}],
])('%s gives no rows', async (_, type, keys, own) => {
  const { loss_bbox: __, ...common } = detector.model.bbox_head;
  const bbox_head: object = { ...common, type, ...own };
  const test_cfg: object = { ...detector.model.test_cfg, ...keys };
  const { train_cfg: ___, ...rest } = detector.model;
  const { model } = await openConfig(
    JSON.parse(JSON.stringify({ ...detector, model: { ...rest, bbox_head, test_cfg } })),
  );
  expect(model.task === 'detection' && model.decode.candidateRows).toBeUndefined();
});
