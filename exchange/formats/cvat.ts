/** CVAT's own XML, "CVAT for images 1.1" (docs.cvat.ai: XML annotation format). */
import { defineExchangeFormat, THE_FILE } from '../define.js';
import type { MarkedObject } from '../marked.js';
import { pointsOf, ringsOf } from '../shape_points.js';
import { xmlText } from '../xml.js';

/** Scores and marks are attributes, which the labels declare. Pictures are found by name in the task that it is uploaded to. */
export const cvat = defineExchangeFormat({
  type: 'cvat',
  title: "CVAT's XML",
  shape: 'file',
  shapes: 'regions',
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
  open({ classes, kind, wholeIds }) {
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
        const lines = [
          opening,
          ...objects.flatMap((object, i) => boxLines(object, classes, kind, i + 1)),
          '  </image>',
        ];
        return [{ path: THE_FILE, text: `${lines.join('\n')}\n` }];
      },
      finish: () => [{ path: THE_FILE, text: '</annotations>\n' }],
    };
  },
});

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
  const rings = ringsOf(shape);
  if (rings.length === 0) return [`    <box ${common} ${corners} z_order="0">`, ...marks, '    </box>'];
  // Parts of one object are a group, which is what CVAT's own exports take them for.
  const group = rings.length > 1 ? ` group_id="${number}"` : '';
  return rings.flatMap((ring) => {
    const points = pointsOf(ring).map((point) => point.join(','));
    return [`    <polygon ${common}${group} points="${points.join(';')}" z_order="0">`, ...marks, '    </polygon>'];
  });
}
