/** mmdetection's published RetinaNets: facts of its metafiles (version 3.3.0). Names are those of the config files. */
import { openmmlabModels } from './openmmlab.js';

/** Parameters of RetinaNet with an FPN of 256 channels and COCO's 80 classes, by backbone. */
const PARAMETERS = {
  'ResNet-18': 21_410_100,
  'ResNet-50': 37_968_692,
  'ResNet-101': 56_960_820,
  'ResNet-50 (caffe)': 37_968_692,
  'ResNet-101 (caffe)': 56_960_820,
  'ResNeXt-101-32x4d': 56_589_364,
  'ResNeXt-101-64x4d': 95_866_932,
  'PVT-Tiny': 22_964_212,
  'PVT-Small': 34_220_788,
  'PVT-Medium': 53_943_028,
  'PVTv2-B0': 12_947_028,
  'PVTv2-B1': 23_745_972,
  'PVTv2-B2': 35_099_828,
  'PVTv2-B3': 54_975_668,
  'PVTv2-B4': 72_293_044,
  'PVTv2-B5': 91_692_980,
  'RegNetX-800MF': 17_238_036,
  'RegNetX-1.6GF': 19_583_876,
  'RegNetX-3.2GF': 25_852_340,
} as const;

const published = openmmlabModels({
  source: 'mmdetection',
  task: 'detection',
  metric: 'box AP',
  folder: 'mmdetection/v2.0',
  parameters: PARAMETERS,
});

export const mmdetectionModels = [
  ...published('RetinaNet', 'COCO', 'retinanet', [
    ['retinanet_r50_fpn_1x_coco', 'ResNet-50', 36.5, 'retinanet_r50_fpn_1x_coco_20200130-c2398f9e'],
    ['retinanet_r50_fpn_2x_coco', 'ResNet-50', 37.4, 'retinanet_r50_fpn_2x_coco_20200131-fdb43119'],
    [
      'retinanet_r50_fpn_ms-640-800-3x_coco',
      'ResNet-50',
      39.5,
      'retinanet_r50_fpn_mstrain_3x_coco_20210718_220633-88476508',
    ],
    ['retinanet_r101_fpn_1x_coco', 'ResNet-101', 38.5, 'retinanet_r101_fpn_1x_coco_20200130-7a93545f'],
    ['retinanet_r101_fpn_2x_coco', 'ResNet-101', 38.9, 'retinanet_r101_fpn_2x_coco_20200131-5560aee8'],
    [
      'retinanet_r101_fpn_ms-640-800-3x_coco',
      'ResNet-101',
      41,
      'retinanet_r101_fpn_mstrain_3x_coco_20210720_214650-7ee888e0',
    ],
    [
      'retinanet_x101-32x4d_fpn_1x_coco',
      'ResNeXt-101-32x4d',
      39.9,
      'retinanet_x101_32x4d_fpn_1x_coco_20200130-5c8b7ec4',
    ],
    [
      'retinanet_x101-32x4d_fpn_2x_coco',
      'ResNeXt-101-32x4d',
      40.1,
      'retinanet_x101_32x4d_fpn_2x_coco_20200131-237fc5e1',
    ],
    ['retinanet_x101-64x4d_fpn_1x_coco', 'ResNeXt-101-64x4d', 41, 'retinanet_x101_64x4d_fpn_1x_coco_20200130-366f5af1'],
    [
      'retinanet_x101-64x4d_fpn_2x_coco',
      'ResNeXt-101-64x4d',
      40.8,
      'retinanet_x101_64x4d_fpn_2x_coco_20200131-bca068ab',
    ],
    [
      'retinanet_x101-64x4d_fpn_ms-640-800-3x_coco',
      'ResNeXt-101-64x4d',
      41.6,
      'retinanet_x101_64x4d_fpn_mstrain_3x_coco_20210719_051838-022c2187',
    ],
    ['retinanet_r18_fpn_1x_coco', 'ResNet-18', 31.7, 'retinanet_r18_fpn_1x_coco_20220407_171055-614fd399'],
    ['retinanet_r18_fpn_1xb8-1x_coco', 'ResNet-18', 31.7, 'retinanet_r18_fpn_1x8_1x_coco_20220407_171255-4ea310d7'],
    ['retinanet_r50-caffe_fpn_1x_coco', 'ResNet-50 (caffe)', 36.3, 'retinanet_r50_caffe_fpn_1x_coco_20200531-f11027c5'],
    [
      'retinanet_r101-caffe_fpn_1x_coco',
      'ResNet-101 (caffe)',
      38.5,
      'retinanet_r101_caffe_fpn_1x_coco_20200531-b428fa0f',
    ],
    [
      'retinanet_r101-caffe_fpn_ms-3x_coco',
      'ResNet-101 (caffe)',
      40.7,
      'retinanet_r101_caffe_fpn_mstrain_3x_coco_20210721_063439-88a8a944',
    ],
  ]),
  ...published('RetinaNet', 'COCO', 'fp16', [
    ['retinanet_r50_fpn_amp-1x_coco', 'ResNet-50', 36.4, 'retinanet_r50_fpn_fp16_1x_coco_20200702-0dbfb212'],
  ]),
  ...published('RetinaNet', 'COCO', 'resnet_strikes_back', [
    [
      'retinanet_r50-rsb-pre_fpn_1x_coco',
      'ResNet-50',
      39,
      'retinanet_r50_fpn_rsb-pretrain_1x_coco_20220113_175432-bd24aae9',
    ],
  ]),
  ...published('RetinaNet', 'COCO', 'regnet', [
    [
      'retinanet_regnetx-800MF_fpn_1x_coco',
      'RegNetX-800MF',
      35.6,
      'retinanet_regnetx-800MF_fpn_1x_coco_20200517_191403-f6f91d10',
    ],
    [
      'retinanet_regnetx-1.6GF_fpn_1x_coco',
      'RegNetX-1.6GF',
      37.3,
      'retinanet_regnetx-1.6GF_fpn_1x_coco_20200517_191403-37009a9d',
    ],
    [
      'retinanet_regnetx-3.2GF_fpn_1x_coco',
      'RegNetX-3.2GF',
      39.1,
      'retinanet_regnetx-3.2GF_fpn_1x_coco_20200520_163141-cb1509e8',
    ],
  ]),
  ...published('FreeAnchor', 'COCO', 'free_anchor', [
    ['freeanchor_r50_fpn_1x_coco', 'ResNet-50', 38.7, 'retinanet_free_anchor_r50_fpn_1x_coco_20200130-0f67375f'],
    ['freeanchor_r101_fpn_1x_coco', 'ResNet-101', 40.3, 'retinanet_free_anchor_r101_fpn_1x_coco_20200130-358324e6'],
    [
      'freeanchor_x101-32x4d_fpn_1x_coco',
      'ResNeXt-101-32x4d',
      41.9,
      'retinanet_free_anchor_x101_32x4d_fpn_1x_coco_20200130-d4846968',
    ],
  ]),
  ...published('GHM', 'COCO', 'ghm', [
    ['retinanet_r50_fpn_ghm-1x_coco', 'ResNet-50', 37, 'retinanet_ghm_r50_fpn_1x_coco_20200130-a437fda3'],
    ['retinanet_r101_fpn_ghm-1x_coco', 'ResNet-101', 39.1, 'retinanet_ghm_r101_fpn_1x_coco_20200130-c148ee8f'],
    [
      'retinanet_x101-32x4d_fpn_ghm-1x_coco',
      'ResNeXt-101-32x4d',
      40.7,
      'retinanet_ghm_x101_32x4d_fpn_1x_coco_20200131-e4333bd0',
    ],
    [
      'retinanet_x101-64x4d_fpn_ghm-1x_coco',
      'ResNeXt-101-64x4d',
      41.4,
      'retinanet_ghm_x101_64x4d_fpn_1x_coco_20200131-dd381cef',
    ],
  ]),
  ...published('PISA', 'COCO', 'pisa', [
    ['retinanet-r50_fpn_pisa_1x_coco', 'ResNet-50', 36.9, 'pisa_retinanet_r50_fpn_1x_coco-76409952'],
    [
      'retinanet_x101-32x4d_fpn_pisa_1x_coco',
      'ResNeXt-101-32x4d',
      40.7,
      'pisa_retinanet_x101_32x4d_fpn_1x_coco-a0c13c73',
    ],
  ]),
  ...published('RetinaNet', 'Objects365 v1', 'objects365', [
    [
      'retinanet_r50_fpn_1x_objects365v1',
      'ResNet-50',
      14.8,
      'retinanet_r50_fpn_1x_obj365v1_20221219_181859-ba3e3dd5',
      43_881_017,
    ],
    [
      'retinanet_r50-syncbn_fpn_1350k_objects365v1',
      'ResNet-50',
      18,
      'retinanet_r50_fpn_syncbn_1350k_obj365v1_20220513_111237-7517c576',
      43_881_017,
    ],
  ]),
  ...published('RetinaNet', 'Objects365 v2', 'objects365', [
    [
      'retinanet_r50_fpn_1x_objects365v2',
      'ResNet-50',
      16.7,
      'retinanet_r50_fpn_1x_obj365v2_20221223_122105-d9b191f1',
      43_881_017,
    ],
  ]),
  ...published('RetinaNet', 'Open Images v6', 'openimages', [
    [
      'retinanet_r50_fpn_32xb2-1x_openimages',
      'ResNet-50',
      61.5,
      'retinanet_r50_fpn_32x2_1x_openimages_20211223_071954-d2ae5462',
      48_776_837,
    ],
  ]),
  ...published('RetinaNet', 'COCO', 'pvt', [
    ['retinanet_pvt-t_fpn_1x_coco', 'PVT-Tiny', 36.6, 'retinanet_pvt-t_fpn_1x_coco_20210831_103110-17b566bd'],
    ['retinanet_pvt-s_fpn_1x_coco', 'PVT-Small', 40.4, 'retinanet_pvt-s_fpn_1x_coco_20210906_142921-b6c94a5b'],
    ['retinanet_pvt-m_fpn_1x_coco', 'PVT-Medium', 41.7, 'retinanet_pvt-m_fpn_1x_coco_20210831_103243-55effa1b'],
    ['retinanet_pvtv2-b0_fpn_1x_coco', 'PVTv2-B0', 37.1, 'retinanet_pvtv2-b0_fpn_1x_coco_20210831_103157-13e9aabe'],
    ['retinanet_pvtv2-b1_fpn_1x_coco', 'PVTv2-B1', 41.2, 'retinanet_pvtv2-b1_fpn_1x_coco_20210831_103318-7e169a7d'],
    ['retinanet_pvtv2-b2_fpn_1x_coco', 'PVTv2-B2', 44.6, 'retinanet_pvtv2-b2_fpn_1x_coco_20210901_174843-529f0b9a'],
    ['retinanet_pvtv2-b3_fpn_1x_coco', 'PVTv2-B3', 46, 'retinanet_pvtv2-b3_fpn_1x_coco_20210903_151512-8357deff'],
    ['retinanet_pvtv2-b4_fpn_1x_coco', 'PVTv2-B4', 46.3, 'retinanet_pvtv2-b4_fpn_1x_coco_20210901_170151-83795c86'],
    ['retinanet_pvtv2-b5_fpn_1x_coco', 'PVTv2-B5', 46.1, 'retinanet_pvtv2-b5_fpn_1x_coco_20210902_201800-3420eb57'],
  ]),
  ...published('Libra RetinaNet', 'COCO', 'libra_rcnn', [
    [
      'libra-retinanet_r50_fpn_1x_coco',
      'ResNet-50',
      37.6,
      'libra_retinanet_r50_fpn_1x_coco_20200205-804d94ce',
      38_231_860,
    ],
  ]),
] as const;
