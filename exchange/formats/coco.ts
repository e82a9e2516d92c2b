/** COCO's object detection format (cocodataset.org/#format-data): pictures, annotations and categories in one JSON. */

import type { Size } from '../../core/frame.js';
import { exactJson } from '../../files/exact_json.js';
import { compressRuns } from '../../geometry/mask_runs.js';
import { defineExchangeFormat, type ExchangeWriter, type Feature, THE_FILE, type WritingContext } from '../define.js';
import type { MarkedObject } from '../marked.js';
import { ringsOf } from '../shape_points.js';

const KEEPS: readonly Feature[] = [
  ...(['score', 'crowd', 'difficult', 'area', 'fraction', 'objectId', 'pictureId'] as const),
  ...([
    'categoryId',
    'classOrder',
    'emptyPicture',
    'twin',
    'outline',
    'bareBox',
    'part',
    'ownBox',
    'instance',
  ] as const),
];
const NAMES = { distinct: false, trimmed: false, xml: false } as const;

/**
 * Written picture by picture: annotations first, of pictures only a line each is held until the end. `score` stands on
 * annotations that a model made, where tools that do not know it pass over it.
 */
export const coco = defineExchangeFormat({
  type: 'coco',
  title: "COCO's annotations",
  shape: 'file',
  keeps: KEEPS,
  shapes: 'runs',
  names: NAMES,
  open: writer,
});

/** The same with a label map's classes as polygons along the pixels' edges, for tools that read no runs. */
export const cocoPolygons = defineExchangeFormat({
  type: 'coco-polygons',
  title: "COCO's annotations with polygons",
  shape: 'file',
  keeps: KEEPS,
  shapes: 'polygons',
  boxes: false,
  names: NAMES,
  open: writer,
});

function writer({ classes, categoryIds, wholeIds }: WritingContext): ExchangeWriter {
  const images: string[] = [];
  let count = 0;
  const annotation = (
    { id, classIndex, box, area, score, crowd, difficult, shape }: MarkedObject,
    image_id: unknown,
    size: Size,
  ) => ({
    id: id ?? count + 1,
    image_id,
    category_id: categoryIds[classIndex],
    bbox: box,
    area: area ?? box[2] * box[3],
    iscrowd: Number(crowd),
    segmentation:
      shape?.kind === 'runs' ? { size: [size.height, size.width], counts: compressRuns(shape.runs) } : ringsOf(shape),
    ...(difficult ? { difficult: 1 } : {}),
    ...(score === undefined ? {} : { score }),
  });
  return {
    begin() {
      const categories = classes.map((name, index) => ({ id: categoryIds[index], name, supercategory: '' }));
      const lines = categories.map((one) => `\n    ${exactJson(one)}`).join(',');
      return [{ path: THE_FILE, text: `{\n  "categories": [${lines}\n  ],\n  "annotations": [` }];
    },
    add({ id: own, name, size, objects }) {
      const { width, height } = size;
      const id = wholeIds && own !== undefined ? own : images.length + 1;
      images.push(exactJson({ id, file_name: name, width, height }));
      return objects.map((object) => {
        const text = `${count === 0 ? '' : ','}\n    ${exactJson(annotation(object, id, size))}`;
        count++;
        return { path: THE_FILE, text };
      });
    },
    finish() {
      const lines = images.map((image) => `\n    ${image}`).join(',');
      return [{ path: THE_FILE, text: `\n  ],\n  "images": [${lines}\n  ]\n}\n` }];
    },
  };
}
