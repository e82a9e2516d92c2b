"""Reads outlines that convert has written with the readers of pycocotools, datumaro, ultralytics and LabelMe: a JSON of what each found.
Of the last two only the functions that read are taken, so that neither torch nor Qt is needed."""
import ast
import importlib.util
import json
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import datumaro as dm
import numpy as np
from pycocotools.coco import COCO


def functions(package, path, names, scope):
    """The functions of these names in a package's file, which is not run as a whole."""
    folder = Path(importlib.util.find_spec(package).submodule_search_locations[0])
    tree = ast.parse((folder / path).read_text(encoding='utf-8'))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
    assert len(found) == len(names), [node.name for node in found]
    for node in found:
        node.decorator_list = []
    code = ast.fix_missing_locations(ast.Module([ast.parse('from __future__ import annotations').body[0], *found], []))
    exec(compile(code, path, 'exec'), scope)
    return scope


def pixels(coco):
    return [[a['category_id'], int(coco.annToMask(a).sum())] for a in coco.loadAnns(coco.getAnnIds())]


with redirect_stdout(sys.stderr):
    found = {name: pixels(COCO(name + '.json')) for name in ['coco', 'coco-polygons', 'yolo-back']}
    dataset = dm.Dataset.import_from('cvat', 'cvat')
    names = [label.name for label in dataset.categories()[dm.AnnotationType.label].items]
    found['cvat'] = [[names[a.label], a.group, len(a.points) // 2] for item in dataset for a in item.annotations if hasattr(a, 'points')]

    dataset = dm.Dataset.import_from('cvat-masks', 'cvat')
    masks = [a for item in dataset for a in item.annotations if isinstance(a, dm.Mask)]
    found['cvat-masks'] = [[names[a.label], np.flatnonzero(a.image).tolist()] for a in masks]

    # An item has each segment as a mask: its category, whether a crowd, its pixels.
    dataset = dm.Dataset.import_from('annotations/panoptic.json', 'coco_panoptic')
    names = [label.name for label in dataset.categories()[dm.AnnotationType.label].items]
    found['panoptic'] = [[names[a.label], a.attributes['is_crowd'], int(a.image.sum())] for item in dataset for a in item.annotations]

    torch = SimpleNamespace(Tensor=type(None))
    scope = functions('ultralytics', 'utils/ops.py', ['segments2boxes', 'xyxy2xywh', 'empty_like'], {'np': np, 'torch': torch})
    scope |= {'os': os, 'check_image': lambda file: ('', (32, 48))}
    verify = functions('ultralytics', 'data/utils.py', ['verify_image_label'], scope)['verify_image_label']
    _, labels, _, segments, _, missing, whole, empty, corrupt, message = verify(
        ('a.png', 'yolo-seg/labels/a.txt', '', False, 3, 0, 0, False))
    found['ultralytics'] = {'classes': [int(row[0]) for row in labels], 'corners': [len(one) for one in segments],
                            'corrupt': corrupt, 'message': message}

    scope = functions('labelme', '_label_file.py', ['_load_shape_json_obj'], {'np': np, 'ShapeDict': dict})
    shapes = json.loads(Path('labelme/a.json').read_text(encoding='utf-8'))['shapes']
    read = [scope['_load_shape_json_obj'](shape) for shape in shapes]
    found['labelme'] = [[one['label'], one['shape_type'], one['group_id'], len(one['points'])] for one in read]
print(json.dumps(found))
