"""Scores a COCO results file: `score_coco.py pycocotools|faster-coco-eval GT.json DT.json`.

Prints one line of JSON: seconds from files to figures (imports not counted), the twelve figures, the peak of memory in MB.
"""
import contextlib
import io
import json
import resource
import sys
import time

library, ground_truth, detections = sys.argv[1:]
if library == 'pycocotools':
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval as Evaluation
else:
    from faster_coco_eval import COCO
    from faster_coco_eval import COCOeval_faster as Evaluation

start = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    truth = COCO(ground_truth)
    run = Evaluation(truth, truth.loadRes(detections), 'bbox')
    run.evaluate()
    run.accumulate()
    run.summarize()
seconds = time.perf_counter() - start
print(json.dumps({
    'seconds': seconds,
    'stats': [float(value) for value in run.stats[:12]],
    'peakMb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
