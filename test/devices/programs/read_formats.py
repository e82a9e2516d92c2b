"""Reads what convert and detect have written with pycocotools and datumaro: a JSON of what each found."""
import json
import sys
import datumaro as dm
from pycocotools.coco import COCO
from contextlib import redirect_stdout

with redirect_stdout(sys.stderr):
    coco = COCO('found.json')
    found = {'pycocotools': [[a['category_id'], a['bbox']] for a in coco.loadAnns(coco.getAnnIds())]}
    for kind, path in [('voc_detection', 'voc'), ('cvat', 'cvat'), ('yolo', 'yolo')]:
        dataset = dm.Dataset.import_from(path, kind)
        names = [label.name for label in dataset.categories()[dm.AnnotationType.label].items]
        found[kind] = [[names[a.label], [float(v) for v in a.get_bbox()]] for item in sorted(dataset, key=lambda i: i.id) for a in item.annotations]
print(json.dumps(found))
