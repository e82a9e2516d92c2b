/** Test pipelines and data sets of mmdet 2 and mmseg 0: the steps of today, or a refusal. */
import { describe, expect, test } from 'vitest';
import { noteText } from '../../core/notes.js';
import { inferenceParts } from '../../registry/config_inference.js';
import { configOf, messageOf, resolveAll } from './config_cases.js';

const mean = [123.675, 116.28, 103.53];
const std = [58.395, 57.12, 57.375];
const normalize = { type: 'Normalize', mean, std, to_rgb: true };
const flip = {
  type: 'MultiScaleFlipAug',
  img_scale: [1333, 800],
  flip: false,
  transforms: [
    { type: 'Resize', keep_ratio: true },
    { type: 'RandomFlip' },
    normalize,
    { type: 'Pad', size_divisor: 32 },
    { type: 'ImageToTensor', keys: ['img'] },
    { type: 'Collect', keys: ['img'] },
  ],
};
const load = { type: 'LoadImageFromFile' };
const detector = { bbox_head: {} };
const segmentor = { decode_head: {} };

const read = (pipeline: readonly object[], model: object = detector, more: object = {}) =>
  inferenceParts(configOf({ model, data: { test: { type: 'CocoDataset', pipeline } }, ...more }, 'old.py'));
const augmented = (more: object, model: object = detector) => read([load, { ...flip, ...more }], model);
/** A pipeline of these steps within `MultiScaleFlipAug`. */
const within = (...transforms: object[]) =>
  augmented({ transforms: [{ type: 'Resize' }, ...transforms, { type: 'Collect', keys: ['img'] }] });
const resize = (more: object) => ({ type: 'Resize', keep_ratio: true, ...more });

describe('the plain test', () => {
  test('of mmdet: scale, normalisation and padding where they stand today, said once', () => {
    const { testPipeline, dataPreprocessor, datasetType, notes, unused } = augmented({});
    expect(testPipeline).toMatchObject({
      path: 'data.test.pipeline',
      value: [load, resize({ scale: [1333, 800] })],
      places: ['data.test.pipeline.0', 'data.test.pipeline.1.transforms.0'],
    });
    expect(dataPreprocessor).toMatchObject({
      path: 'data.test.pipeline.1.transforms.2',
      value: { type: 'DetDataPreprocessor', mean, std, bgr_to_rgb: true, pad_size_divisor: 32, pad_value: 0 },
      origins: { origin: 'old.py' },
    });
    expect(datasetType).toBe('CocoDataset');
    expect(notes.map(noteText)).toEqual([
      "old.py: data.test.pipeline is written as in mmdet 2 and mmseg 0: its steps are read as today's, and what " +
        'normalises and pads as model.data_preprocessor (1)',
    ]);
    expect(unused).toEqual({ openmmlab: [], other: [] });
  });

  test('of mmseg: padding is that of its test_cfg', () => {
    expect(augmented({}, segmentor).dataPreprocessor?.value).toEqual({
      type: 'SegDataPreProcessor',
      ...{ mean, std, bgr_to_rgb: true, pad_val: 0, test_cfg: { size_divisor: 32 } },
    });
    const transforms = [{ type: 'Resize' }, { ...normalize, to_rgb: false }];
    expect(augmented({ transforms }, segmentor).dataPreprocessor?.value).toEqual({
      type: 'SegDataPreProcessor',
      ...{ mean, std, bgr_to_rgb: false },
    });
  });

  test('at the top level alone, and with steps that stand beside each other', () => {
    const steps = [load, { type: 'Resize', img_scale: [[640, 480]] }, { type: 'RandomFlip', flip_ratio: 0 }, normalize];
    const { testPipeline, dataPreprocessor } = inferenceParts(configOf({ model: detector, test_pipeline: steps }));
    expect(testPipeline?.value).toEqual([load, resize({ scale: [640, 480] })]);
    expect(dataPreprocessor?.path).toBe('test_pipeline.3');
  });

  test('a Resize of today keeps its own default beside old steps', () => {
    const steps = [load, { type: 'Resize', scale: [640, 480] }, { type: 'ImageToTensor', keys: ['img'] }];
    expect(read(steps).testPipeline?.value).toEqual(steps.slice(0, 2));
  });

  test.each([
    ['a list of one', { img_scale: [[1000, 600]] }, { scale: [1000, 600] }],
    ['one ratio', { img_scale: [1333, 801], img_ratios: [0.5] }, { scale: [666, 400] }],
    ['a ratio that is no list', { img_ratios: 2 }, { scale: [2666, 1600] }],
    ['ratios beside a list, which mmseg does not read', { img_scale: [[8, 8]], img_ratios: [1, 2] }, { scale: [8, 8] }],
    ['a factor', { img_scale: null, scale_factor: 1 }, { scale_factor: 1 }],
    ['the picture’s own size', { img_scale: null, img_ratios: [2] }, { scale_factor: 2 }],
    ['a direction, without a flip', { flip_direction: ['vertical'] }, { scale: [1333, 800] }],
  ])('scales: %s', (_, more, scale) => {
    expect(augmented(more).testPipeline?.value).toContainEqual(resize(scale));
  });

  test('a scale within the step is not read, and the ratio is kept unless told otherwise', () => {
    const transforms = [{ type: 'Resize', img_scale: [1, 1], ratio_range: [0.5, 2], keep_ratio: false }, normalize];
    expect(augmented({ transforms }).testPipeline?.value).toEqual([
      load,
      resize({ scale: [1333, 800], keep_ratio: false }),
    ]);
    expect(augmented({ transforms: [{ type: 'Resize' }, normalize] }).testPipeline?.value).toContainEqual(
      resize({ scale: [1333, 800] }),
    );
  });
});

describe('what is more than today’s preprocessor says stays a step', () => {
  test.each([
    ['a colour', { type: 'Pad', size_divisor: 32, pad_val: [1, 2, 3] }, { pad_val: [1, 2, 3], size_divisor: 32 }],
    ['a size, which was [height, width]', { type: 'Pad', size: [512, 1024] }, { size: [1024, 512] }],
    [
      'the label of padding',
      { type: 'Pad', size: [8, 9], pad_val: 7, seg_pad_val: 254 },
      { size: [9, 8], pad_val: { img: 7, seg: 254 } },
    ],
  ])('%s', (_, pad, today) => {
    const { testPipeline, dataPreprocessor } = within(normalize, pad);
    expect(dataPreprocessor).toBeUndefined();
    expect(testPipeline?.value).toEqual([load, resize({ scale: [1333, 800] }), normalize, { type: 'Pad', ...today }]);
  });

  test('another order', () => {
    const pad = { type: 'Pad', size_divisor: 32 };
    expect(within(pad, normalize).testPipeline?.value).toEqual([load, resize({ scale: [1333, 800] }), pad]);
    expect(within(normalize, pad, pad).testPipeline?.value).toEqual([
      ...[load, resize({ scale: [1333, 800] }), normalize],
      ...[pad, pad],
    ]);
  });

  test('a normalisation that is none, for its schema to refuse', () => {
    const wrong = { ...normalize, mean: [1, 2] };
    expect(within(wrong)).toMatchObject({ dataPreprocessor: undefined });
    expect(within(wrong).testPipeline?.value).toContainEqual(wrong);
  });
});

describe('several looks are a tta_pipeline', () => {
  const flips = (...directions: readonly string[]) => [
    { type: 'RandomFlip', prob: 0 },
    ...directions.map((direction) => ({ type: 'RandomFlip', prob: 1, direction })),
  ];
  const looksOf = (more: object, model: object = detector) => augmented(more, model).testPipeline;

  test('of scales and flips, the flips turning fastest; the first is the plain pipeline', () => {
    const scales = [
      {
        img_scale: [
          [1333, 800],
          [800, 600],
        ],
      },
      { img_scale: [666, 400], img_ratios: [2, 1.2] },
    ];
    const sizes = [
      [
        [1333, 800],
        [800, 600],
      ],
      [
        [1332, 800],
        [799, 480],
      ],
    ];
    scales.forEach((scale, i) => {
      const part = looksOf({ ...scale, flip: true });
      const all = sizes[i]?.map((size) => resize({ scale: size }));
      expect(part?.value).toEqual([load, all?.[0]]);
      expect(part?.augmented).toEqual([{ type: 'TestTimeAug', transforms: [[load], all, flips('horizontal')] }]);
    });
  });

  test('in two directions mmdet sees it once as it is, mmseg twice', () => {
    const both = { flip: true, flip_direction: ['horizontal', 'vertical'] };
    const transforms = (list: readonly object[]) => [
      { type: 'TestTimeAug', transforms: [[load], [resize({ scale: [1333, 800] })], list] },
    ];
    const list = flips('horizontal', 'vertical');
    expect(looksOf(both)?.augmented).toEqual(transforms(list));
    expect(looksOf(both, segmentor)?.augmented).toEqual(transforms([...flips(), ...list]));
  });

  test('one look is none', () => {
    expect(looksOf({})?.augmented).toBeUndefined();
    expect(looksOf({ img_ratios: [1], flip_direction: 'vertical' })?.augmented).toBeUndefined();
  });

  test('need the steps that make them others', () => {
    const message = (more: object) => messageOf(() => looksOf({ transforms: [normalize], ...more }));
    expect(message({ flip: 1 })).toContain('expected a step RandomFlip in its transforms');
    expect(message({ img_ratios: [1, 2] })).toContain('expected a step Resize in its transforms');
  });
});

describe('refused', () => {
  test.each([
    [{ flip_ratio: 0.5 }, 'data.test.pipeline.1.flip_ratio: expected one of the keys type, img_scale, scale_factor,'],
    [{ img_scale: null }, 'data.test.pipeline.1.img_scale: expected [width, height], or a list of them'],
    [{ img_scale: [1, 2, 3] }, 'data.test.pipeline.1.img_scale: expected [width, height], or a list of them'],
    [{ img_scale: [] }, 'data.test.pipeline.1.img_scale: expected [width, height], or a list of them'],
    [{ img_ratios: ['a'] }, 'data.test.pipeline.1.img_ratios: expected a number, or a list of them'],
    [{ img_scale: null, scale_factor: 0.5 }, 'data.test.pipeline.1.scale_factor: expected a whole number'],
  ])('scales %j', (more, message) => {
    expect(messageOf(() => augmented(more))).toContain(message);
  });

  test('two places that normalise', () => {
    const model = { ...detector, data_preprocessor: { mean, std } };
    expect(messageOf(() => augmented({}, model))).toBe(
      'model.data_preprocessor: expected one place that says how pictures are normalised, but so does ' +
        'data.test.pipeline.1.transforms.2, as in mmdet 2. Leave out one of the two.',
    );
  });
});

describe('img_norm_cfg at the top level is a variable', () => {
  const kinds = (img_norm_cfg: object) => read([load, flip], detector, { img_norm_cfg }).notes.map(({ kind }) => kind);

  test('that says what the pipeline says, or that it is not read', () => {
    expect(kinds({ mean, std, to_rgb: true })).toEqual(['old-pipeline']);
    expect(kinds({ mean, std })).toEqual(['old-pipeline']);
    expect(kinds({ mean, std, to_rgb: false })).toEqual(['old-pipeline', 'unread-img-norm-cfg']);
    const parts = { img_norm_cfg: { mean: [0, 0, 0], std }, data_preprocessor: { mean, std, bgr_to_rgb: true } };
    expect(inferenceParts(configOf({ model: detector, ...parts }, 'old.py')).notes.map(noteText)).toEqual([
      'old.py: img_norm_cfg is a variable that says otherwise than what normalises the pictures, and is not read (1)',
    ]);
  });
});

describe('of two pipelines', () => {
  const own = (scale: number) => [load, { ...flip, img_scale: [scale, scale] }];
  const scaleOf = async (trees: Readonly<Record<string, unknown>>) => {
    const value = JSON.stringify(inferenceParts(await resolveAll(trees)).testPipeline?.value);
    return Number(/"scale":\[(\d+)/.exec(value)?.[1]);
  };

  test('that of the data set counts, which is the one that mmdet 2 reads', async () => {
    const both = { model: detector, test_pipeline: own(1), data: { test: { pipeline: own(2) } } };
    expect(await scaleOf({ 'a.json': both })).toBe(2);
    expect(
      await scaleOf({ 'b.json': both, 'a.json': { _base_: 'b.json', data: { test: { pipeline: own(3) } } } }),
    ).toBe(3);
  });

  test('validation’s where there is none for the test; the first of several data sets', () => {
    const parts = (data: object) => inferenceParts(configOf({ model: detector, data }));
    const dataset = { type: 'mmdet.CocoDataset', pipeline: own(1), classes: ['a'] };
    expect(parts({ val: dataset }).testPipeline?.path).toBe('data.val.pipeline');
    expect(parts({ test: [dataset, {}] }).testPipeline?.path).toBe('data.test.0.pipeline');
    expect(parts({ test: { type: 'RepeatDataset', dataset } })).toMatchObject({
      datasetType: 'CocoDataset',
      testPipeline: { path: 'data.test.dataset.pipeline' },
      metainfo: { path: 'data.test.dataset', value: { classes: ['a'] } },
    });
  });
});

describe('class names', () => {
  test('of the data set, with their colours', () => {
    const palette = [[1, 2, 3]];
    const { metainfo, notes } = inferenceParts(
      configOf({ model: {}, data: { test: { classes: ['cat'], palette, CLASSES: ['dog'] } } }, 'old.py'),
    );
    expect(metainfo).toMatchObject({ path: 'data.test', value: { classes: ['cat'], palette } });
    expect(notes).toEqual([]);
  });

  test('under CLASSES and PALETTE, as the metainfo of mmdet 3 had them before its release', () => {
    const metainfo = { CLASSES: ['cat'], PALETTE: [[1, 2, 3]] };
    const parts = inferenceParts(configOf({ model: {}, test_dataloader: { dataset: { metainfo } } }, 'rc.py'));
    expect(parts.metainfo?.value).toEqual({ classes: ['cat'], palette: [[1, 2, 3]] });
    expect(parts.notes.map(noteText)).toEqual([
      'rc.py: test_dataloader.dataset.metainfo has CLASSES, which is read as classes (1)',
    ]);
  });
});
