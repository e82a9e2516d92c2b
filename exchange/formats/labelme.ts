/** LabelMe's JSON (github.com/wkentaro/labelme): a file beside each picture. */
import { dirname, join, relative } from 'node:path';
import { formatJson } from '../../files/format_json.js';
import { defineExchangeFormat, type Piece } from '../define.js';
import { withoutEnding } from '../picture_names.js';
import { pointsOf, ringsOf } from '../shape_points.js';

/**
 * Rectangles by two corners. Pictures are named by their path from the file on, and lie beside it where they are copied.
 * `labels.txt` has the classes in their order, for `labelme --labels`. `score` and `difficult` stand on shapes, where X-AnyLabeling
 * reads them and LabelMe keeps them.
 */
export const labelme = defineExchangeFormat({
  type: 'labelme',
  title: "LabelMe's JSON",
  shape: 'folder',
  shapes: 'regions',
  needsPictures: true,
  keeps: [
    ...(['score', 'difficult', 'fraction', 'classOrder', 'emptyPicture', 'twin'] as const),
    ...(['outline', 'bareBox', 'part', 'instance'] as const),
  ],
  names: { distinct: true, trimmed: true, xml: false },
  open({ classes, copyImages, folder }) {
    return {
      begin: () => [{ path: 'labels.txt', text: classes.map((name) => `${name}\n`).join('') }],
      add({ name, file, size, objects }) {
        const path = `${withoutEnding(name)}.json`;
        const from = dirname(join(folder, path));
        const imagePath = copyImages ? name.slice(name.lastIndexOf('/') + 1) : relative(from, file);
        let groups = 0;
        const shapes = objects.flatMap(({ classIndex, box: [x, y, w, h], score, difficult, shape }) => {
          const rings = ringsOf(shape);
          const corners = [
            [x, y],
            [x + w, y + h],
          ];
          const outlines =
            rings.length === 0
              ? [['rectangle', corners] as const]
              : rings.map((ring) => ['polygon', pointsOf(ring)] as const);
          // Shapes of one label and group are one object, to LabelMe's own converter too.
          const group_id = outlines.length > 1 ? groups++ : null;
          return outlines.map(([shape_type, points]) => ({
            label: classes[classIndex],
            points,
            group_id,
            description: '',
            shape_type,
            flags: {},
            mask: null,
            ...(score === undefined ? {} : { score }),
            ...(difficult ? { difficult } : {}),
          }));
        });
        const { width: imageWidth, height: imageHeight } = size;
        const slashes = imagePath.replaceAll('\\', '/');
        const record = { version: VERSION, flags: {}, shapes, imagePath: slashes, imageData: null };
        const text = `${formatJson({ ...record, imageHeight, imageWidth })}\n`;
        const pieces: Piece[] = [{ path, text }];
        if (copyImages) pieces.push({ path: name, picture: file, how: 'copy' });
        return pieces;
      },
      finish: () => [],
    };
  },
});

/** Of LabelMe, whose form this is: it warns of files of another major version. */
const VERSION = '5.5.0';
