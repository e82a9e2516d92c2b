/** Label Studio's JSON (labelstud.io/guide/predictions): a task a picture, boxes in percent of its size. */
import { exactJson } from '../../files/exact_json.js';
import { packBrush } from '../../geometry/brush_mask.js';
import { lengthsOf, maskPixels } from '../../geometry/row_runs.js';
import { shapeBox } from '../../geometry/shape.js';
import { defineExchangeFormat, type ExchangeWriter, THE_FILE, type WritingContext } from '../define.js';
import type { MarkedObject, MarkedPicture } from '../marked.js';
import { pointsOf, ringsOf } from '../shape_points.js';

const COMMON = {
  shape: 'file',
  keeps: ['score', 'fraction', 'pictureId', 'emptyPicture', 'twin', 'outline', 'bareBox', 'instance'],
  names: { distinct: true, trimmed: false, xml: true },
} as const;

/**
 * What a model found are `predictions`, what people annotated `annotations`, of the tags `<RectangleLabels name="label"
 * toName="image">`, of label maps `<PolygonLabels …>`, and `<Image name="image" value="$image">`. The task's data has what the format lacks: size and id of the picture.
 */
export const labelStudio = defineExchangeFormat({
  ...COMMON,
  type: 'labelstudio',
  title: "Label Studio's JSON",
  shapes: 'regions',
  open: writer,
});

/** The same with brush masks, of the tag `<BrushLabels name="label" toName="image">`, for what has been run lengths or a label map. */
export const labelStudioMasks = defineExchangeFormat({
  ...COMMON,
  type: 'labelstudio-masks',
  title: "Label Studio's JSON with masks",
  shapes: 'runs',
  boxes: false,
  open: writer,
});

function writer({ classes, kind, wholeIds }: WritingContext): ExchangeWriter {
  let pictures = 0;
  return {
    begin: () => [{ path: THE_FILE, text: '[' }],
    add(picture) {
      const { id, name, size, objects } = picture;
      const result = objects.flatMap((object, i) => regions(object, i, picture, classes));
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
}

function regions(
  { classIndex, box, score, shape }: MarkedObject,
  index: number,
  { size: { width: original_width, height: original_height } }: MarkedPicture,
  classes: readonly string[],
): readonly object[] {
  const common = { from_name: 'label', to_name: 'image', original_width, original_height, image_rotation: 0 };
  const scored = score === undefined ? {} : { score };
  const names = [classes[classIndex]];
  const percent = (x: number, y: number) => [(x / original_width) * 100, (y / original_height) * 100] as const;
  if (shape?.kind === 'runs' && shapeBox(shape) !== undefined) {
    const { width, height } = shape.size;
    const rle = packBrush(lengthsOf(maskPixels(shape.runs, shape.size, [0, 0, width, height])));
    const value = { format: 'rle', rle, brushlabels: names };
    return [{ id: `mask${index + 1}`, type: 'brushlabels', ...common, value, ...scored }];
  }
  const rings = ringsOf(shape);
  if (rings.length === 0) {
    const [[x, y], [width, height]] = [percent(box[0], box[1]), percent(box[2], box[3])];
    const value = { x, y, width, height, rotation: 0, rectanglelabels: names };
    return [{ id: `box${index + 1}`, type: 'rectanglelabels', ...common, value, ...scored }];
  }
  return rings.map((ring, i) => {
    const points = pointsOf(ring).map(([x, y]) => percent(x, y));
    const value = { points, closed: true, polygonlabels: names };
    return { id: `region${index + 1}.${i + 1}`, type: 'polygonlabels', ...common, value, ...scored };
  });
}
