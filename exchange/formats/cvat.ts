/** CVAT's own XML, "CVAT for images 1.1" (docs.cvat.ai: XML annotation format). */
import { lengthsOf, maskPixels } from '../../geometry/row_runs.js';
import { type Shape, shapeBox } from '../../geometry/shape.js';
import { defineExchangeFormat, type ExchangeWriter, THE_FILE, type WritingContext } from '../define.js';
import type { MarkedObject } from '../marked.js';
import { pointsOf, ringsOf } from '../shape_points.js';
import { xmlText } from '../xml.js';

const COMMON = {
  shape: 'file',
  keeps: [
    ...(['score', 'crowd', 'difficult', 'fraction', 'pictureId', 'classOrder', 'emptyPicture', 'twin'] as const),
    ...(['outline', 'bareBox', 'part', 'instance'] as const),
  ],
  names: {
    distinct: true,
    trimmed: true,
    xml: true,
    forbidden: { pattern: /^.{65,}$/su, words: 'of 64 characters at most' },
  },
} as const;

/** Scores and marks are attributes, which the labels declare. Pictures are found by name in the task that it is uploaded to. */
export const cvat = defineExchangeFormat({
  ...COMMON,
  type: 'cvat',
  title: "CVAT's XML",
  shapes: 'regions',
  open: writer,
});

/** The same with masks in place of polygons along the pixels' edges: what has been run lengths or a label map is one in CVAT, too. */
export const cvatMasks = defineExchangeFormat({
  ...COMMON,
  type: 'cvat-masks',
  title: "CVAT's XML with masks",
  shapes: 'runs',
  boxes: false,
  open: writer,
});

function writer({ classes, kind, wholeIds }: WritingContext): ExchangeWriter {
  let pictures = 0;
  const attributes = kind === 'found' ? FOUND : ANNOTATED;
  return {
    begin() {
      const labels = classes.flatMap((name, i) => [
        `        <label><name>${xmlText(name, `class ${i}`)}</name><attributes>`,
        ...attributes.map((attribute) => `          ${attribute}`),
        '        </attributes></label>',
      ]);
      const lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<annotations>',
        '  <version>1.1</version>',
        '  <meta>',
        '    <task>',
        '      <labels>',
        ...labels,
        '      </labels>',
        '    </task>',
        '  </meta>',
      ];
      return [{ path: THE_FILE, text: `${lines.join('\n')}\n` }];
    },
    add({ id, name, size: { width, height }, objects }) {
      const number = wholeIds && id !== undefined ? id : pictures;
      pictures++;
      const opening = `  <image id="${number}" name="${xmlText(name, name)}" width="${width}" height="${height}">`;
      const lines = [opening, ...objects.flatMap((object, i) => boxLines(object, classes, kind, i + 1)), '  </image>'];
      return [{ path: THE_FILE, text: `${lines.join('\n')}\n` }];
    },
    finish: () => [{ path: THE_FILE, text: '</annotations>\n' }],
  };
}

const attribute = (name: string, type: string, values: string, initial: string) =>
  `<attribute><name>${name}</name><mutable>False</mutable><input_type>${type}</input_type><default_value>${initial}</default_value><values>${values}</values></attribute>`;
const FOUND = [attribute('score', 'text', '', '')];
const ANNOTATED = ['is_crowd', 'difficult'].map((name) => attribute(name, 'checkbox', 'false', 'false'));

function boxLines(
  { classIndex, box: [x, y, w, h], score, crowd, difficult, shape }: MarkedObject,
  classes: readonly string[],
  kind: 'found' | 'annotated',
  number: number,
): readonly string[] {
  const label = xmlText(classes[classIndex] ?? '', `class ${classIndex}`);
  const source = kind === 'found' ? 'auto' : 'manual';
  const corners = `xtl="${x}" ytl="${y}" xbr="${x + w}" ybr="${y + h}"`;
  const marks = [
    ...(score === undefined ? [] : [`      <attribute name="score">${score}</attribute>`]),
    ...(crowd ? ['      <attribute name="is_crowd">true</attribute>'] : []),
    ...(difficult ? ['      <attribute name="difficult">true</attribute>'] : []),
  ];
  const common = `label="${label}" source="${source}" occluded="0"`;
  const mask = maskOf(shape);
  if (mask !== undefined) return [`    <mask ${common} ${mask} z_order="0">`, ...marks, '    </mask>'];
  const rings = ringsOf(shape);
  if (rings.length === 0) return [`    <box ${common} ${corners} z_order="0">`, ...marks, '    </box>'];
  // Parts of one object are a group, which is what CVAT's own exports take them for.
  const group = rings.length > 1 ? ` group_id="${number}"` : '';
  return rings.flatMap((ring) => {
    const points = pointsOf(ring).map((point) => point.join(','));
    return [`    <polygon ${common}${group} points="${points.join(';')}" z_order="0">`, ...marks, '    </polygon>'];
  });
}

/** Of run lengths: those within the box around them, row by row. Of nothing and of polygons undefined. */
function maskOf(shape: Shape | undefined): string | undefined {
  if (shape?.kind !== 'runs') return undefined;
  const box = shapeBox(shape);
  if (box === undefined) return undefined;
  const [left, top, width, height] = box;
  const lengths = lengthsOf(maskPixels(shape.runs, shape.size, box));
  return `rle="${lengths.join(', ')}" left="${left}" top="${top}" width="${width}" height="${height}"`;
}
