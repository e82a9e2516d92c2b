/** COCO's object detection format (cocodataset.org/#format-data): pictures, annotations and categories in one JSON. */
import { exactJson } from '../../files/exact_json.js';
import { defineExchangeFormat, THE_FILE } from '../define.js';
import type { MarkedObject } from '../marked.js';

/**
 * Written picture by picture: annotations first, of pictures only a line each is held until the end. `score` stands on
 * annotations that a model made, where tools that do not know it pass over it.
 */
export const coco = defineExchangeFormat({
  type: 'coco',
  title: "COCO's annotations",
  shape: 'file',
  keeps: [
    ...(['score', 'crowd', 'difficult', 'area', 'fraction', 'objectId', 'pictureId'] as const),
    ...(['categoryId', 'classOrder', 'emptyPicture', 'twin'] as const),
  ],
  names: { distinct: false, trimmed: false, xml: false },
  open({ classes, categoryIds, wholeIds }) {
    const images: string[] = [];
    let count = 0;
    const annotation = ({ id, classIndex, box, area, score, crowd, difficult }: MarkedObject, image_id: unknown) => ({
      id: id ?? count + 1,
      image_id,
      category_id: categoryIds[classIndex],
      bbox: box,
      area: area ?? box[2] * box[3],
      iscrowd: Number(crowd),
      segmentation: [],
      ...(difficult ? { difficult: 1 } : {}),
      ...(score === undefined ? {} : { score }),
    });
    return {
      begin() {
        const categories = classes.map((name, index) => ({ id: categoryIds[index], name, supercategory: '' }));
        const lines = categories.map((one) => `\n    ${exactJson(one)}`).join(',');
        return [{ path: THE_FILE, text: `{\n  "categories": [${lines}\n  ],\n  "annotations": [` }];
      },
      add({ id: own, name, size: { width, height }, objects }) {
        const id = wholeIds && own !== undefined ? own : images.length + 1;
        images.push(exactJson({ id, file_name: name, width, height }));
        return objects.map((object) => {
          const text = `${count === 0 ? '' : ','}\n    ${exactJson(annotation(object, id))}`;
          count++;
          return { path: THE_FILE, text };
        });
      },
      finish() {
        const lines = images.map((image) => `\n    ${image}`).join(',');
        return [{ path: THE_FILE, text: `\n  ],\n  "images": [${lines}\n  ]\n}\n` }];
      },
    };
  },
});
