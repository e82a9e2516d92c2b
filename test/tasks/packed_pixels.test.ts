/** Whatever way pictures take, a network that takes packed pixels sees what it sees that takes normalised ones. */
import { expect, test } from 'vitest';
import type { PartedPicture } from '../../core/frame.js';
import type { Tensor } from '../../core/tensor.js';
import type { PixelForm } from '../../images/batch.js';
import { cutPicture } from '../../images/region.js';
import { augmentationOf } from '../../models/augmentation.js';
import { openConfig, predictionParts } from '../../models/open_config.js';
import { createAugmentedPredictor } from '../../tasks/augmented_predictor.js';
import type { LowformerConfig } from '../../tasks/config.js';
import type { Runner } from '../../tasks/network_runs.js';
import { createPartedPredictor } from '../../tasks/parted_predictor.js';
import { createPredictor } from '../../tasks/predictor.js';
import { formulaPicture } from '../images/formula_picture.js';
import { formulaNetwork, openRunner } from '../run_network.js';
import { classifier, detector, segmentor } from '../tools/tiny_configs.js';
import { unpackedFor } from '../unpacked_pixels.js';

const pictures = [formulaPicture(90, 70, 1), formulaPicture(64, 90, 2)];
const windows = { mode: 'slide', crop_size: [48, 64], stride: [30, 40] };
const sliding = { ...segmentor, model: { ...segmentor.model, test_cfg: windows } };
const padded = { type: 'SegDataPreProcessor', mean: [127.5], std: [50], pad_val: 3, test_cfg: { size: [100, 144] } };
const asItIs = { test_pipeline: [{ type: 'LoadImageFromFile' }, { type: 'PackSegInputs' }] };
const flips = [0, 1].map((prob) => ({ type: 'RandomFlip', prob }));
const looks = {
  tta_model: { type: 'SegTTAModel' },
  tta_pipeline: [{ type: 'TestTimeAug', transforms: [flips, [{ type: 'PackSegInputs' }]] }],
};

const CONFIGS: Readonly<Record<string, object>> = {
  'a detector, whose batch is padded': detector,
  'a segmentor': segmentor,
  'a classifier': classifier,
  windows: sliding,
  'windows over pictures that are padded': { ...sliding, model: { ...sliding.model, data_preprocessor: padded } },
  'windows as it is': { ...sliding, ...asItIs },
  'two looks': { ...segmentor, ...looks },
  'two looks by windows': { ...sliding, ...looks },
};

test.each(Object.keys(CONFIGS))('%s', async (name) => {
  const config: LowformerConfig = JSON.parse(JSON.stringify(CONFIGS[name]));
  const opened = await openConfig(config);
  const { model } = opened;
  await using network = await openRunner(formulaNetwork(model.graph));
  const augments = name.startsWith('two looks');

  /** What comes of the pictures, and what the network saw. */
  const results = async (form: PixelForm) => {
    const seen: Tensor[] = [];
    const runner: Runner = {
      run: ({ input }) => {
        if (input === undefined) throw new Error('no input');
        expect(input.shape[1]).toBe(form === 'packed' ? 1 : 3);
        const normalised = form === 'packed' ? unpackedFor(model.preprocessor, input) : input;
        seen.push(normalised);
        return network.run({ input: normalised });
      },
    };
    const { pipeline, labels } = predictionParts(opened, augments);
    const parts = { model, runner, pipeline, labels, form };
    const predict = augments
      ? createAugmentedPredictor({ ...augmentationOf(opened), runner, labels, form })
      : createPredictor(parts);
    const held = await predict(pictures);
    const inParts = augments
      ? []
      : await Promise.all(pictures.map((one) => createPartedPredictor(parts)(partedPicture(one), {}, 'p')));
    return { held, inParts, seen: seen.length, shown: seen };
  };
  const expected = await results('normalised');
  const { shown, ...packed } = await results('packed');
  const { shown: normalised, ...same } = expected;
  expect(packed).toEqual(same);
  expect(new Set(shown.map(keyOf))).toEqual(new Set(normalised.map(keyOf)));
});

/** Runs of several pictures come in any order. */
function keyOf({ shape, data }: Tensor): string {
  return `${shape.join('x')}: ${data.reduce((sum, value, i) => (sum * 31 + value * 1000 + i) % 1_000_003, 0)}`;
}

function partedPicture(image: ReturnType<typeof formulaPicture>): PartedPicture {
  const { width, height } = image;
  return { width, height, read: async (region) => cutPicture(image, region), [Symbol.asyncDispose]: async () => {} };
}
