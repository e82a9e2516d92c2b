"""One step of training after another, as mmdet takes them: forward, targets, losses, backward, AdamW.

python training_step.py --lowformer DIR < RECIPE
  --lowformer: a checkout of the official LowFormer code.
The first line of its input is a recipe as JSON (model, size, batch, threads, boxes, labels, learning_rate). Every line after it asks for a
step; the answer is a line of JSON: milliseconds, those of processor time, loss, and the process's largest resident memory in megabytes.
Needs torch 2.1, mmdet 3.3, mmcv-lite 2.1 (see ../README.md).
"""
import argparse
import json
import resource
import sys
import time
import types

import torch

from export_reference import fill, stand_in_for_compiled_operations


def network(tree):
    """A module of mmdet's, on the official backbone."""
    stand_in_for_compiled_operations()
    # The backbone's code asks for one name of its trainer, which asks for packages that nothing here needs.
    for name in ('lowformer.apps.trainer', 'lowformer.apps.trainer.run_config'):
        sys.modules.setdefault(name, types.ModuleType(name))
    sys.modules['lowformer.apps.trainer.run_config'].Scheduler = object
    from lowformer.models.lowformer.backbone import LowFormerBackbone
    from mmdet.registry import MODELS
    from mmdet.utils import register_all_modules
    from mmengine.config import ConfigDict
    import mmdet.models  # noqa: F401

    class LowFormer(LowFormerBackbone):
        def __init__(self, arch, widths, depths, flags, init_cfg=None):
            super().__init__(list(widths), list(depths), bb_convattention=True, bb_convin2=True, fastit=True, **flags)

        def init_weights(self):
            pass

        def forward(self, x):
            maps = super().forward(x)
            return tuple(maps[k] for k in ('stage1', 'stage2', 'stage3', 'stage_final'))

    register_all_modules(init_default_scope=True)
    MODELS.register_module(module=LowFormer, force=True)
    return MODELS.build(ConfigDict(tree))


def samples(recipe):
    from mmdet.structures import DetDataSample
    from mmengine.structures import InstanceData
    height, width = recipe['size']
    for boxes, labels in zip(recipe['boxes'], recipe['labels']):
        meta = dict(img_shape=(height, width), pad_shape=(height, width), batch_input_shape=(height, width), scale_factor=(1, 1))
        sample = DetDataSample(metainfo=meta)
        sample.gt_instances = InstanceData(bboxes=torch.tensor(boxes).float().reshape(-1, 4), labels=torch.tensor(labels))
        sample.ignored_instances = InstanceData(bboxes=torch.zeros(0, 4), labels=torch.zeros(0, dtype=torch.long))
        yield sample


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--lowformer', required=True)
    args = parser.parse_args()
    sys.path.insert(0, args.lowformer)
    recipe = json.loads(sys.stdin.readline())
    torch.set_num_threads(recipe['threads'])
    torch.manual_seed(0)
    model = fill(network(recipe['model'])).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe['learning_rate'])
    pictures = torch.randn(recipe['batch'], 3, *recipe['size'])
    truth = list(samples(recipe))
    for _ in sys.stdin:
        start, processor = time.perf_counter(), time.process_time()
        losses = model.loss(pictures, truth)
        loss = sum(sum(value) if isinstance(value, (list, tuple)) else value for value in losses.values())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        milliseconds = 1000 * (time.perf_counter() - start)
        processor = 1000 * (time.process_time() - processor)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(json.dumps(dict(milliseconds=milliseconds, processor=processor, loss=loss.item(), peak=peak)), flush=True)


if __name__ == '__main__':
    main()
