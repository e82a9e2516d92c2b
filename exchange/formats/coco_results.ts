/** COCO's results format (cocodataset.org/#format-results): a list of detections, for scoring them against annotations. */
import { exactJson } from '../../files/exact_json.js';
import { defineExchangeFormat, THE_FILE } from '../define.js';
import type { MarkedPicture } from '../marked.js';

/**
 * The ids of the pictures are the annotations' own: where nothing has given them, the number that a file is called by (COCO's
 * `000000000139.jpg` is 139), else its name without ending.
 */
export const cocoResults = defineExchangeFormat({
  type: 'coco-results',
  title: "COCO's results",
  shape: 'file',
  keeps: [
    'score',
    'fraction',
    'pictureId',
    'textId',
    'categoryId',
    'twin',
    'classOrder',
    'area',
    'objectId',
    'emptyPicture',
    'instance',
  ],
  needsScores: true,
  names: { distinct: false, trimmed: false, xml: false },
  open({ categoryIds }) {
    let count = 0;
    return {
      begin: () => [{ path: THE_FILE, text: '[' }],
      add(picture) {
        const image_id = imageId(picture);
        return picture.objects.map(({ classIndex, box, score }) => {
          const entry = { image_id, category_id: categoryIds[classIndex], bbox: box, score };
          return { path: THE_FILE, text: `${count++ === 0 ? '' : ','}\n  ${exactJson(entry)}` };
        });
      },
      finish: () => [{ path: THE_FILE, text: '\n]\n' }],
    };
  },
});

function imageId({ id, name }: MarkedPicture): number | bigint | string {
  if (id !== undefined) return id;
  const stem = name.replace(/\.[^./]*$/, '');
  return /^\d{1,15}$/.test(stem) ? Number(stem) : stem;
}
