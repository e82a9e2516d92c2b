import { describe, expect, it } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { checkDetections, checkGroundTruth } from '../../evaluation/coco_input.js';

const annotation = { id: 5, image_id: 9, category_id: 3, bbox: [1, 2, 3, 4], area: 10, iscrowd: 0 };
const truth = {
  info: { year: 2017 },
  images: [{ id: 9, width: 640, height: 480, file_name: '9.jpg' }, { id: 4 }],
  categories: [{ id: 3, name: 'cell', supercategory: 'thing' }],
  annotations: [annotation],
};
const detection = { image_id: 9, category_id: 3, bbox: [1, 2, 3.5, 4], score: 0.5 };

const messageOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof LowformerError) return error.message;
    throw error;
  }
  return 'no error';
};

describe('ground truth', () => {
  it('passes as it is, entries uncopied', () => {
    const checked = checkGroundTruth(truth, 'gt.json');
    expect(checked.annotations[0]).toBe(annotation);
    expect(checked.images).toEqual(truth.images);
    expect(checked.categories).toEqual(truth.categories);
  });

  const withAnnotation = (change: object) => ({
    ...truth,
    annotations: [annotation, { ...annotation, id: 6, ...change }],
  });
  it.each([
    ['a results file', [detection], "gt.json: expected COCO's object detection format but received 'a list of 1'"],
    ['no COCO file', { model: {} }, 'gt.json: images: expected a list. A file of annotations is'],
    [
      'a list that is none',
      { ...truth, annotations: {} },
      "gt.json: annotations: expected a list but received 'an object with no keys'",
    ],
    ['an entry that is none', { ...truth, images: [7] }, 'gt.json: images[0]: expected an object but received 7'],
    [
      'an id that is a text',
      { ...truth, images: [{ id: '9' }] },
      "gt.json: images[0].id: expected a whole number but received '9'",
    ],
    [
      'a picture twice',
      { ...truth, images: [{ id: 9 }, { id: 9 }] },
      'gt.json: images[1].id: expected each id once but received 9. Entry 0 has the same.',
    ],
    [
      'a picture without width',
      { ...truth, images: [{ id: 9, width: 0 }] },
      'gt.json: images[0].width: expected a whole number from 1 but received 0',
    ],
    [
      'a file name that is none',
      { ...truth, images: [{ id: 9, file_name: 9 }] },
      'gt.json: images[0].file_name: expected a text but received 9',
    ],
    [
      'a category twice',
      { ...truth, categories: [...truth.categories, { id: 3, name: 'x' }] },
      'gt.json: categories[1].id: expected each id once but received 3',
    ],
    [
      'a category without a name',
      { ...truth, categories: [{ id: 3 }] },
      'gt.json: categories[0].name: expected a text. The key is missing.',
    ],
    [
      'an annotation twice',
      withAnnotation({ id: 5 }),
      'gt.json: annotations[1].id: expected each id once but received 5. Entry 0 has the same.',
    ],
    [
      'an unknown picture',
      withAnnotation({ image_id: 8 }),
      'gt.json: annotations[1].image_id: expected the id of a picture in the ground truth but received 8. It has 9, 4.',
    ],
    [
      'an unknown category',
      withAnnotation({ category_id: 0 }),
      'gt.json: annotations[1].category_id: expected the id of a category in the ground truth but received 0. It has 3.',
    ],
    [
      'three numbers for a box',
      withAnnotation({ bbox: [1, 2, 3] }),
      'gt.json: annotations[1].bbox: expected [x, y, width, height] but received [1,2,3]',
    ],
    [
      'a negative height',
      withAnnotation({ bbox: [1, 2, 3, -4] }),
      'gt.json: annotations[1].bbox[3]: expected a height of 0 or more but received -4',
    ],
    [
      'a text in a box',
      withAnnotation({ bbox: [1, '2', 3, 4] }),
      "gt.json: annotations[1].bbox[1]: expected a finite number but received '2'",
    ],
    [
      'no area',
      withAnnotation({ area: undefined }),
      'gt.json: annotations[1].area: expected a number of 0 or more. Sizes small, medium and large go by it.',
    ],
    [
      'a negative area',
      withAnnotation({ area: -1 }),
      'gt.json: annotations[1].area: expected a number of 0 or more but received -1',
    ],
    [
      'half a crowd',
      withAnnotation({ iscrowd: 0.5 }),
      'gt.json: annotations[1].iscrowd: expected 0 or 1 but received 0.5',
    ],
  ])('%s', (_, value, message) => {
    expect(messageOf(() => checkGroundTruth(value, 'gt.json'))).toContain(message);
  });

  it('fills in the area of the box where that is asked for, and only where none is given', () => {
    const value = withAnnotation({ area: undefined });
    const { annotations } = checkGroundTruth(value, 'gt.json', { missingArea: 'box' });
    expect(annotations.map(({ area }) => area)).toEqual([10, 12]);
    expect(
      messageOf(() =>
        checkGroundTruth(withAnnotation({ area: undefined, bbox: 3 }), 'gt.json', { missingArea: 'box' }),
      ),
    ).toContain('annotations[1].bbox: expected [x, y, width, height] but received 3');
  });
});

describe('detections', () => {
  const groundTruth = checkGroundTruth(truth, 'gt.json');

  it('pass as they are, uncopied', () => {
    const list = [detection, { ...detection, score: 1.5, segmentation: [] }];
    expect(checkDetections(list, 'dt.json', groundTruth)).toBe(list);
    expect(checkDetections([], 'dt.json', groundTruth)).toEqual([]);
  });

  const withEntry = (change: object) => [detection, detection, { ...detection, ...change }];
  it.each([
    [
      'a ground truth file',
      truth,
      "dt.json: expected a list of detections in COCO's results format but received 'an object with info, images, categories, annotations'. This looks like a ground truth file.",
    ],
    ['an entry that is none', [null], 'dt.json: [0]: expected an object but received null'],
    [
      'an unknown picture',
      withEntry({ image_id: 5 }),
      'dt.json: [2].image_id: expected the id of a picture in the ground truth but received 5. It has 9, 4.',
    ],
    [
      'a picture named by a text',
      withEntry({ image_id: '9' }),
      "dt.json: [2].image_id: expected the id of a picture in the ground truth but received '9'",
    ],
    [
      'an unknown category',
      withEntry({ category_id: 1 }),
      'dt.json: [2].category_id: expected the id of a category in the ground truth but received 1. It has 3.',
    ],
    [
      'a score of NaN',
      withEntry({ score: Number.NaN }),
      "dt.json: [2].score: expected a finite number but received 'NaN'",
    ],
    ['no score', withEntry({ score: undefined }), 'dt.json: [2].score: expected a finite number. The key is missing.'],
    [
      'a score that is a text',
      withEntry({ score: '0.5' }),
      "dt.json: [2].score: expected a finite number but received '0.5'",
    ],
    [
      'NaN in a box',
      withEntry({ bbox: [1, Number.NaN, 3, 4] }),
      "dt.json: [2].bbox[1]: expected a finite number but received 'NaN'",
    ],
    [
      'a negative width',
      withEntry({ bbox: [1, 2, -3, 4] }),
      'dt.json: [2].bbox[2]: expected a width of 0 or more but received -3',
    ],
    [
      'an endless width',
      withEntry({ bbox: [1, 2, Number.POSITIVE_INFINITY, 4] }),
      "dt.json: [2].bbox[2]: expected a finite number but received 'Infinity'",
    ],
    [
      'no box',
      withEntry({ bbox: undefined, segmentation: [] }),
      'dt.json: [2].bbox: expected [x, y, width, height]. The key is missing.',
    ],
  ])('%s', (_, value, message) => {
    expect(messageOf(() => checkDetections(value, 'dt.json', groundTruth))).toContain(message);
  });

  it('lists no more ids than can be read', () => {
    const images = Array.from({ length: 5000 }, (_, id) => ({ id }));
    const message = messageOf(() =>
      checkDetections(withEntry({ image_id: -1 }), 'dt.json', {
        ...groundTruth,
        images: [{ id: 9 }, ...images.filter(({ id }) => id !== 9)],
      }),
    );
    expect(message).toContain('It has 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, … (5000).');
  });
});
