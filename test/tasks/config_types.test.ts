/** What the compiler says of whole configs: a head of another task is a mistake before anything runs. */
import { describe, expectTypeOf, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import type {
  ClassificationHeadConfig,
  DetectionHeadConfig,
  HeadConfig,
  SegmentationHeadConfig,
} from '../../heads/index.js';
import { buildModel } from '../../tasks/build_model.js';
import type { ClassificationConfig, DetectionConfig, LowformerConfig, SegmentationConfig } from '../../tasks/config.js';

const backbone = { type: 'LowFormer', arch: 'b0' } as const;
const neck = { type: 'FPN', out_channels: 256, num_outs: 5 } as const;

describe('a head belongs to its task', () => {
  test('the tasks share no head, and leave none out', () => {
    expectTypeOf<DetectionHeadConfig & SegmentationHeadConfig>().toBeNever();
    expectTypeOf<DetectionHeadConfig & ClassificationHeadConfig>().toBeNever();
    expectTypeOf<SegmentationHeadConfig & ClassificationHeadConfig>().toBeNever();
    expectTypeOf<HeadConfig['type']>().toEqualTypeOf<
      (DetectionHeadConfig | SegmentationHeadConfig | ClassificationHeadConfig)['type']
    >();
  });

  test('detectors take heads for boxes alone', () => {
    expectTypeOf({
      type: 'RetinaNet',
      backbone,
      neck,
      bbox_head: { type: 'RetinaHead', num_classes: 3 },
    } as const).toExtend<DetectionConfig['model']>();
    const classifying = { type: 'RetinaNet', backbone, neck, bbox_head: { type: 'LinearClsHead' } } as const;
    // @ts-expect-error: a classifier's head
    const wrong: DetectionConfig['model'] = classifying;
    expectTypeOf(wrong).toEqualTypeOf<DetectionConfig['model']>();
    // @ts-expect-error: a detector without a neck
    const bare: DetectionConfig['model'] = {
      type: 'RetinaNet',
      backbone,
      bbox_head: { type: 'RetinaHead', num_classes: 3 },
    };
    expectTypeOf(bare).toEqualTypeOf<DetectionConfig['model']>();
  });

  test('segmentors take heads for label maps alone', () => {
    // @ts-expect-error: a detector's head
    const head: SegmentationConfig['model']['decode_head'] = { type: 'RetinaHead', num_classes: 3 };
    expectTypeOf(head).toEqualTypeOf<SegmentationHeadConfig>();
  });

  test('classifiers take heads for classes alone', () => {
    // @ts-expect-error: a segmentor's head
    const head: ClassificationConfig['model']['head'] = { type: 'FPNHead', num_classes: 3 };
    expectTypeOf(head).toEqualTypeOf<ClassificationHeadConfig>();
  });

  test('what the compiler refuses is refused while running, too', ({ expect }) => {
    const model = { type: 'RetinaNet', backbone, neck, bbox_head: { type: 'LinearClsHead' } };
    expect(() => buildModel(model)).toThrow('model.bbox_head.type: expected a head for detection');
  });
});

test('shipped configs have their task’s type', () => {
  expectTypeOf(SHIPPED_CONFIGS['retinanet_lowformer-b0_fpn_1x_coco']).toEqualTypeOf<DetectionConfig>();
  expectTypeOf(SHIPPED_CONFIGS['sem-fpn_lowformer-b0_40k_ade20k-512x512']).toEqualTypeOf<SegmentationConfig>();
  expectTypeOf(SHIPPED_CONFIGS['lowformer-b0_in1k']).toEqualTypeOf<ClassificationConfig>();
  expectTypeOf(SHIPPED_CONFIGS.resnet50_in1k).toExtend<LowformerConfig>();
  // @ts-expect-error: a name that is not shipped
  expectTypeOf(SHIPPED_CONFIGS.resnet51_in1k).toBeAny();
});
