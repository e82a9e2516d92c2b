"""Exports the networks that the benchmarks compare with: torch.onnx.export of the official backbone, of mmdet's RetinaNet
and of mmseg's Semantic FPN on it: once for 512x512, batch 1 alone, and once with batch, height and width left free.

python export_reference.py --lowformer DIR --out DIR
  --lowformer: a checkout of the official LowFormer code (lowformer_model.py and configs/).
Needs torch 2.1, mmdet 3.3, mmsegmentation 1.2, mmcv-lite 2.1, onnx (see ../README.md).
"""
import argparse
import importlib.util
import os
import sys
import types

import torch
import yaml


def formula(name, shape):
    """The same values as test/formula_weights.ts, so that both networks can be compared number by number."""
    import numpy as np
    count = int(np.prod(shape)) if len(shape) else 1
    h = 0x811C9DC5
    for byte in name.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = (np.uint64(h) + np.arange(count, dtype=np.uint64) * np.uint64(0x9E3779B9)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x7FEB352D)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(15)
    x = (x * np.uint64(0x846CA68B)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(16)
    u = x.astype(np.float64) / 2**32
    last = name.rsplit('.', 1)[-1]
    if last == 'num_batches_tracked':
        v = np.zeros(count)
    elif last == 'running_var':
        v = 0.5 + u
    elif last in ('running_mean', 'bias'):
        v = (u - 0.5) * 0.2
    elif len(shape) == 1:
        v = 0.25 + 0.5 * u
    else:
        v = (2 * u - 1) * np.sqrt(3 / np.prod(shape[1:])) * (4 if '.pwise.' in name else 1)
    return torch.from_numpy(v.astype(np.float32)).reshape(shape)


def stand_in_for_compiled_operations():
    """mmcv-lite has none; mmdet asks for them when it is imported, and raw outputs never call one."""
    if importlib.util.find_spec('mmcv._ext') is not None:
        return
    module = types.ModuleType('mmcv._ext')
    module.__getattr__ = lambda name: None
    sys.modules['mmcv._ext'] = module


def fill(model):
    state = model.state_dict()
    model.load_state_dict({k: formula(k, tuple(v.shape)).to(v.dtype) for k, v in state.items()})
    return model.eval()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--lowformer', required=True)
    parser.add_argument('--out', required=True)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    sys.path.insert(0, args.lowformer)
    stand_in_for_compiled_operations()
    from lowformer_model import LowFormerBackbone
    from mmdet.registry import MODELS as DET
    from mmdet.utils import register_all_modules
    from mmengine.config import ConfigDict
    from mmseg.registry import MODELS as SEG
    import mmdet.models, mmseg.models  # noqa: F401, E401

    depths = {'b0': [0, 1, 1, 3, 4], 'b1': [0, 1, 1, 5, 5]}

    class LowFormer(LowFormerBackbone):
        def __init__(self, arch, init_cfg=None):
            flags = dict(bb_convattention=True, bb_convin2=True, fastit=True, bigit=arch == 'b1')
            super().__init__([16, 32, 64, 128, 256], depths[arch], **flags)

        def init_weights(self):
            pass

        def forward(self, x):
            maps = super().forward(x)
            return tuple(maps[k] for k in ('stage1', 'stage2', 'stage3', 'stage_final'))

    register_all_modules(init_default_scope=False)
    DET.register_module(module=LowFormer, force=True)
    SEG.register_module(module=LowFormer, force=True)

    class Raw(torch.nn.Module):
        def __init__(self, model, kind):
            super().__init__()
            self.model, self.kind = model, kind

        def forward(self, x):
            if self.kind == 'backbone':
                return self.model.backbone(x)
            feats = self.model.extract_feat(x)
            if self.kind == 'detector':
                cls, reg = self.model.bbox_head(feats)
                return (*cls, *reg)
            return self.model.decode_head(feats)

    x = torch.randn(1, 3, 512, 512)
    for arch in depths:
        detector = dict(
            type='RetinaNet', backbone=dict(type='LowFormer', arch=arch),
            neck=dict(type='FPN', in_channels=[32, 64, 128, 256], out_channels=256, start_level=1,
                      add_extra_convs='on_input', num_outs=5),
            bbox_head=dict(type='RetinaHead', num_classes=80, in_channels=256, stacked_convs=4, feat_channels=256),
            test_cfg=dict(nms_pre=1000, min_bbox_size=0, score_thr=0.05, nms=dict(type='nms', iou_threshold=0.5),
                          max_per_img=100))
        segmentor = dict(
            type='EncoderDecoder', backbone=dict(type='LowFormer', arch=arch),
            neck=dict(type='FPN', in_channels=[32, 64, 128, 256], out_channels=256, num_outs=4),
            decode_head=dict(type='FPNHead', in_channels=[256] * 4, in_index=[0, 1, 2, 3],
                             feature_strides=[4, 8, 16, 32], channels=128, dropout_ratio=0.1, num_classes=150,
                             norm_cfg=dict(type='BN', requires_grad=True), align_corners=False,
                             loss_decode=dict(type='CrossEntropyLoss', use_sigmoid=False, loss_weight=1.0)),
            train_cfg=dict(), test_cfg=dict(mode='whole'))
        built_detector = fill(DET.build(ConfigDict(detector)))
        built_segmentor = fill(SEG.build(ConfigDict(segmentor)))
        for kind, model in (('backbone', built_detector), ('detector', built_detector), ('segmentor', built_segmentor)):
            for suffix, free in (('', None), ('_any_size', {'input': {0: 'batch', 2: 'height', 3: 'width'}})):
                path = os.path.join(args.out, f'{kind}_{arch}{suffix}.onnx')
                with torch.no_grad():
                    torch.onnx.export(Raw(model, kind), x, path, opset_version=17, input_names=['input'], dynamic_axes=free)
                print(path)


if __name__ == '__main__':
    main()
