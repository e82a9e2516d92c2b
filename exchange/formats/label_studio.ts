/** Label Studio's JSON (labelstud.io/guide/predictions): a task a picture, boxes in percent of its size. */
import { exactJson } from '../../files/exact_json.js';
import { defineExchangeFormat, THE_FILE } from '../define.js';
import type { MarkedObject, MarkedPicture } from '../marked.js';

/**
 * What a model found are `predictions`, what people annotated `annotations`, of the tags `<RectangleLabels name="label"
 * toName="image">` and `<Image name="image" value="$image">`. The task's data has what the format lacks: size and id of the picture.
 */
export const labelStudio = defineExchangeFormat({
  type: 'labelstudio',
  title: "Label Studio's JSON",
  shape: 'file',
  keeps: ['score', 'fraction', 'pictureId', 'emptyPicture', 'twin'],
  names: { distinct: true, trimmed: false, xml: true },
  open({ classes, kind, wholeIds }) {
    let pictures = 0;
    return {
      begin: () => [{ path: THE_FILE, text: '[' }],
      add(picture) {
        const { id, name, size, objects } = picture;
        const result = objects.map((object, i) => region(object, i, picture, classes));
        const scores = objects.flatMap(({ score }) => score ?? []);
        const whole = scores.length === 0 ? {} : { score: scores.reduce((sum, one) => sum + one, 0) / scores.length };
        const data = { image: name, ...size, ...(wholeIds && id !== undefined ? { id } : {}) };
        const task =
          kind === 'found'
            ? { data, predictions: [{ model_version: 'lowformer', ...whole, result }] }
            : { data, annotations: [{ result }] };
        return [{ path: THE_FILE, text: `${pictures++ === 0 ? '' : ','}\n  ${exactJson(task)}` }];
      },
      finish: () => [{ path: THE_FILE, text: '\n]\n' }],
    };
  },
});

function region(
  { classIndex, box, score }: MarkedObject,
  index: number,
  picture: MarkedPicture,
  classes: readonly string[],
) {
  const { width: original_width, height: original_height } = picture.size;
  const [x, y, width, height] = box;
  return {
    id: `box${index + 1}`,
    type: 'rectanglelabels',
    from_name: 'label',
    to_name: 'image',
    original_width,
    original_height,
    image_rotation: 0,
    value: {
      x: (x / original_width) * 100,
      y: (y / original_height) * 100,
      width: (width / original_width) * 100,
      height: (height / original_height) * 100,
      rotation: 0,
      rectanglelabels: [classes[classIndex]],
    },
    ...(score === undefined ? {} : { score }),
  };
}
