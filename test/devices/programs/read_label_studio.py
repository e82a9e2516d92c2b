"""Reads what convert has written for Label Studio with label_studio_sdk's converters: a JSON of boxes, polygons and pixels of brush masks."""
import json
import os
import sys
from contextlib import redirect_stdout
from glob import glob

import numpy as np
from label_studio_sdk.converter import Converter
from label_studio_sdk.converter.converter import Format


def converter(tag):
    labels = ''.join(f'<Label value="{name}"/>' for name in ['disc', 'crowd', 'pair'])
    config = f'<View><Image name="image" value="$image"/><{tag} name="label" toName="image">{labels}</{tag}></View>'
    return Converter(config, '.', download_resources=False)


def numbered(path):
    """With the ids that Label Studio gives tasks and annotations when it takes them."""
    with open(path, encoding='utf-8') as file:
        tasks = json.load(file)
    for i, task in enumerate(tasks, 1):
        task['id'] = i
        for annotation in task['annotations']:
            annotation['id'] = i
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(tasks, file)
    return path


def coco(path, tag):
    converter(tag).convert_to_coco(numbered(path), 'out-' + tag, is_dir=False)
    with open(f'out-{tag}/result.json', encoding='utf-8') as file:
        result = json.load(file)
    names = {one['id']: one['name'] for one in result['categories']}
    return [[names[one['category_id']], one['bbox'], one['segmentation']] for one in result['annotations']]


with redirect_stdout(sys.stderr):
    found = {'boxes': coco('boxes-studio.json', 'RectangleLabels'), 'polygons': coco('studio.json', 'PolygonLabels')}
    os.mkdir('brushes')
    converter('BrushLabels').convert(numbered('studio-masks.json'), 'brushes', Format.BRUSH_TO_NUMPY, is_dir=False)
    [file] = glob('brushes/*.npy')
    mask = np.load(file)
    found['brush'] = [os.path.basename(file).rsplit('-', 2)[-2], list(mask.shape), np.flatnonzero(mask).tolist()]
print(json.dumps(found))
