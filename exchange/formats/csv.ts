/** Rows of boxes, the columns called as TensorFlow's and Roboflow's CSV call them, with what else is known behind. */
import { defineExchangeFormat, THE_FILE } from '../define.js';
import type { MarkedObject } from '../marked.js';

const COLUMNS = [
  ...['filename', 'width', 'height', 'class', 'xmin', 'ymin', 'xmax', 'ymax', 'score'],
  ...['category_id', 'image_id', 'id', 'area', 'iscrowd', 'difficult'],
];

/** Corners are pixels from 0, with fractions. A picture without an object has a row without class and box. */
export const csv = defineExchangeFormat({
  type: 'csv',
  title: 'CSV',
  shape: 'file',
  keeps: [
    ...(['score', 'crowd', 'difficult', 'area', 'fraction', 'objectId', 'pictureId', 'textId', 'categoryId'] as const),
    ...(['emptyPicture', 'twin', 'instance'] as const),
  ],
  names: { distinct: true, trimmed: true, xml: false },
  open({ classes, categoryIds }) {
    const rowOf = (values: readonly unknown[]) => ({ path: THE_FILE, text: `${values.map(field).join(',')}\r\n` });
    const marks = ({ id, classIndex, box, area, score, crowd, difficult }: MarkedObject, picture: unknown) => {
      const [x, y, width, height] = box;
      const corners = [x, y, x + width, y + height];
      return [classes[classIndex], ...corners, score, categoryIds[classIndex], picture, id, area, +crowd, +difficult];
    };
    return {
      begin: () => [rowOf(COLUMNS)],
      add({ id, name, size: { width, height }, objects }) {
        const picture = [name, width, height];
        if (objects.length > 0) return objects.map((object) => rowOf([...picture, ...marks(object, id)]));
        return [
          rowOf([...picture, ...Array<undefined>(7).fill(undefined), id, ...Array<undefined>(4).fill(undefined)]),
        ];
      },
      finish: () => [],
    };
  },
});

/** RFC 4180: quoted where it holds a comma, a quote or the end of a line. */
function field(value: unknown): string {
  const text = value === undefined ? '' : String(value);
  return /[",\n\r]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
