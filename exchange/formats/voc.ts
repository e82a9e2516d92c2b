/** Pascal VOC's XML (Everingham et al., IJCV 2010), laid out as its development kit. */
import { defineExchangeFormat, type Piece } from '../define.js';
import type { MarkedObject, MarkedPicture } from '../marked.js';
import { withoutEnding } from '../picture_names.js';
import { xmlText } from '../xml.js';

/**
 * Whole pixels that count from 1; the width is `xmax - xmin`, as `data/voc_xml` and mmdet read it. `labelmap.txt` (CVAT's)
 * lists the classes in their order, which the format itself does not have.
 */
export const voc = defineExchangeFormat({
  type: 'voc',
  title: "Pascal VOC's XML",
  shape: 'folder',
  keeps: ['difficult', 'classOrder', 'emptyPicture', 'twin', 'instance'],
  names: {
    distinct: true,
    trimmed: true,
    xml: true,
    forbidden: { pattern: /:|^#/, words: 'without a colon, which ends a name in its labelmap.txt' },
  },
  open({ classes, copyImages }) {
    const listed: string[] = [];
    return {
      begin() {
        const lines = classes.map((name) => `${name}:::\n`);
        return [{ path: 'labelmap.txt', text: `# label:color_rgb:parts:actions\n${lines.join('')}` }];
      },
      add(picture) {
        const base = withoutEnding(picture.name);
        listed.push(`${base}\n`);
        const pieces: Piece[] = [{ path: `Annotations/${base}.xml`, text: document(picture, classes) }];
        if (copyImages) pieces.push({ path: `JPEGImages/${picture.name}`, picture: picture.file, how: 'copy' });
        return pieces;
      },
      finish: () => [{ path: 'ImageSets/Main/default.txt', text: listed.join('') }],
    };
  },
});

function document({ name, size, objects }: MarkedPicture, classes: readonly string[]): string {
  const folder = name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : 'JPEGImages';
  const lines = [
    '<annotation>',
    `  <folder>${xmlText(folder, name)}</folder>`,
    `  <filename>${xmlText(name.slice(name.lastIndexOf('/') + 1), name)}</filename>`,
    `  <size><width>${size.width}</width><height>${size.height}</height><depth>3</depth></size>`,
    '  <segmented>0</segmented>',
    ...objects.flatMap((object) => objectLines(object, classes, name)),
    '</annotation>',
  ];
  return `${lines.join('\n')}\n`;
}

function objectLines({ classIndex, box, difficult }: MarkedObject, classes: readonly string[], where: string) {
  const [x, y, width, height] = box;
  const [xmin, ymin, xmax, ymax] = [x, y, x + width, y + height].map((edge) => Math.round(edge) + 1);
  return [
    '  <object>',
    `    <name>${xmlText(classes[classIndex] ?? '', where)}</name>`,
    '    <pose>Unspecified</pose>',
    '    <truncated>0</truncated>',
    `    <difficult>${Number(difficult)}</difficult>`,
    `    <bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox>`,
    '  </object>',
  ];
}
