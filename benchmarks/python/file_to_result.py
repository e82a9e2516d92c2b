"""From a picture file to boxes or a label map, as one does with an exported model in Python: mmdet's or mmseg's own steps before and
after, ONNX Runtime between them.

python file_to_result.py < SETTINGS
The first line of its input is JSON: kind (detector, segmentor), model (what export_reference.py wrote for 512x512), threads, file,
score_thr. Every line after it asks for a run; the answer is a line of JSON: milliseconds, and what was found (boxes, or how
many pixels each class has).
Needs torch 2.1, mmdet 3.3, mmsegmentation 1.2, mmcv-lite 2.1, onnxruntime (see ../README.md).
"""
import json
import sys
import time
import types

import numpy as np
import onnxruntime
import torch
import torchvision

SIZE = (512, 512)


def compiled_operations():
    """mmcv-lite has none: its non-maximum suppression is torchvision's, which is compiled."""
    module = types.ModuleType('mmcv._ext')
    module.nms = lambda boxes, scores, iou_threshold, offset: torchvision.ops.nms(boxes, scores, iou_threshold)
    module.__getattr__ = lambda name: None
    sys.modules['mmcv._ext'] = module


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # As ours: its threads do not spin on the other side's processors while it waits.
    options.add_session_config_entry('session.force_spinning_stop', '1')
    return onnxruntime.InferenceSession(path, options, providers=['CPUExecutionProvider'])


def detector(settings):
    from mmcv.transforms import Compose
    from mmdet.registry import MODELS
    from mmdet.utils import register_all_modules
    from mmengine.config import ConfigDict
    import mmdet.datasets.transforms  # noqa: F401
    import mmdet.models  # noqa: F401

    register_all_modules(init_default_scope=True)
    test_cfg = ConfigDict(nms_pre=1000, min_bbox_size=0, score_thr=settings['score_thr'],
                          nms=dict(type='nms', iou_threshold=0.5), max_per_img=100)
    head = MODELS.build(ConfigDict(
        type='RetinaHead', num_classes=80, in_channels=256, stacked_convs=4, feat_channels=256,
        anchor_generator=dict(type='AnchorGenerator', octave_base_scale=4, scales_per_octave=3, ratios=[0.5, 1.0, 2.0],
                              strides=[8, 16, 32, 64, 128]),
        bbox_coder=dict(type='DeltaXYWHBBoxCoder', target_means=[.0] * 4, target_stds=[1.0] * 4),
        test_cfg=test_cfg)).eval()
    normalise = MODELS.build(dict(
        type='DetDataPreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], bgr_to_rgb=True,
        pad_size_divisor=32)).eval()
    steps = Compose([dict(type='LoadImageFromFile'), dict(type='mmdet.Resize', scale=SIZE, keep_ratio=False),
                     dict(type='mmdet.PackDetInputs', meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor'))])
    network = session(settings['model'], settings['threads'])
    name = network.get_inputs()[0].name

    def run(file):
        packed = steps(dict(img_path=file, img_id=0))
        batch = normalise(dict(inputs=[packed['inputs']], data_samples=[packed['data_samples']]))
        outputs = [torch.from_numpy(out) for out in network.run(None, {name: batch['inputs'].numpy()})]
        levels = len(outputs) // 2
        meta = batch['data_samples'][0].metainfo
        found, = head.predict_by_feat(outputs[:levels], outputs[levels:], batch_img_metas=[meta], cfg=test_cfg, rescale=True)
        boxes = torch.cat([found.bboxes, found.scores[:, None], found.labels[:, None]], 1)
        return boxes.numpy()

    return run


def segmentor(settings):
    from mmcv.transforms import Compose
    from mmseg.models.utils import resize
    from mmseg.registry import MODELS
    from mmseg.utils import register_all_modules
    import mmseg.datasets.transforms  # noqa: F401
    import mmseg.models  # noqa: F401

    register_all_modules(init_default_scope=True)
    normalise = MODELS.build(dict(
        type='SegDataPreProcessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], bgr_to_rgb=True)).eval()
    steps = Compose([dict(type='LoadImageFromFile'), dict(type='mmcv.Resize', scale=SIZE, keep_ratio=False),
                     dict(type='mmseg.PackSegInputs')])
    network = session(settings['model'], settings['threads'])
    name = network.get_inputs()[0].name

    def run(file):
        packed = steps(dict(img_path=file))
        batch = normalise(dict(inputs=[packed['inputs']], data_samples=[packed['data_samples']]))
        logits, = (torch.from_numpy(out) for out in network.run(None, {name: batch['inputs'].numpy()}))
        size = packed['data_samples'].ori_shape
        # The network's own resize to its input, then the one to the picture, as EncoderDecoder has them.
        logits = resize(logits, size=SIZE, mode='bilinear', align_corners=False)
        if tuple(size) != SIZE:
            logits = resize(logits, size=size, mode='bilinear', align_corners=False)
        return logits[0].argmax(dim=0).numpy()

    return run


def main():
    compiled_operations()
    settings = json.loads(sys.stdin.readline())
    torch.set_num_threads(settings['threads'])
    run = {'detector': detector, 'segmentor': segmentor}[settings['kind']](settings)
    with torch.no_grad():
        for _ in sys.stdin:
            start = time.perf_counter()
            found = run(settings['file'])
            milliseconds = 1000 * (time.perf_counter() - start)
            if settings['kind'] == 'segmentor':
                found = np.bincount(found.ravel(), minlength=150)
            print(json.dumps(dict(milliseconds=milliseconds, found=found.tolist())), flush=True)


if __name__ == '__main__':
    main()
