"""Scores a COCO results file: `score_coco.py hotcoco|faster-coco-eval|pycocotools GT.json DT.json OUT.json`.

Writes the twelve figures as `lowformer score coco --json` does.
"""
import contextlib
import io
import json
import sys

library, ground_truth, detections, out = sys.argv[1:]
if library == 'hotcoco':
    from hotcoco import COCO
    from hotcoco import COCOeval as Evaluation
elif library == 'pycocotools':
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval as Evaluation
else:
    from faster_coco_eval import COCO
    from faster_coco_eval import COCOeval_faster as Evaluation

NAMES = ['AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl']

with contextlib.redirect_stdout(io.StringIO()):
    truth = COCO(ground_truth)
    found = truth.load_res(detections) if library == 'hotcoco' else truth.loadRes(detections)
    run = Evaluation(truth, found, 'bbox')
    run.evaluate()
    run.accumulate()
    run.summarize()
with open(out, 'w') as file:
    json.dump({'stats': dict(zip(NAMES, map(float, run.stats)))}, file)
