/** YOLO's text format, laid out as ultralytics takes it: `data.yaml`, `images/NAME.jpg`, `labels/NAME.txt`. */
import { LowformerError } from '../../core/errors.js';
import type { Size } from '../../core/frame.js';
import { ringWithBridges } from '../../geometry/label_outlines.js';
import { defineExchangeFormat, type ExchangeWriter, type Piece, type WritingContext } from '../define.js';
import type { MarkedObject, MarkedPicture } from '../marked.js';
import { withoutEnding } from '../picture_names.js';
import { ringsOf } from '../shape_points.js';

const names = { distinct: true, trimmed: true, xml: false } as const;

/** Lines `class cx cy width height`. Labels are found by the path of the picture, so that pictures lie there too, as links. */
export const yolo = defineExchangeFormat({
  type: 'yolo',
  title: "YOLO's labels",
  shape: 'folder',
  needsPictures: true,
  keeps: ['fraction', 'classOrder', 'emptyPicture', 'instance'],
  names,
  open: (context) => writer(context, ({ classIndex, box }, picture) => line(classIndex, shares(box, picture))),
});

/** Lines with the score behind the box, as ultralytics' `save_conf` has them: what was found, not what to train on. */
export const yoloScores = defineExchangeFormat({
  type: 'yolo-scores',
  title: "YOLO's labels with scores",
  shape: 'folder',
  needsPictures: true,
  keeps: ['score', 'fraction', 'classOrder', 'emptyPicture', 'twin', 'instance'],
  needsScores: true,
  names,
  open: (context) =>
    writer(context, ({ classIndex, box, score = 0 }, picture) => line(classIndex, [...shares(box, picture), score])),
});

/**
 * Lines `class x1 y1 x2 y2 …`, which is what ultralytics trains segmentation on: each object one outline, its parts joined by lines
 * without area, its holes reached over such; of a box the corners.
 */
export const yoloOutlines = defineExchangeFormat({
  type: 'yolo-seg',
  title: "YOLO's outlines",
  shape: 'folder',
  shapes: 'polygons',
  boxes: false,
  needsPictures: true,
  keeps: ['fraction', 'classOrder', 'emptyPicture', 'instance', 'outline', 'part'],
  names,
  open: (context) => writer(context, (object, picture) => line(object.classIndex, corners(object, picture))),
});

function writer(
  { classes, copyImages }: WritingContext,
  lineOf: (object: MarkedObject, picture: MarkedPicture) => string,
): ExchangeWriter {
  return {
    begin() {
      // Without `path`, pictures are looked for from where the file itself lies, wherever the folder is moved to. Names are
      // quoted as JSON's are, which YAML takes: of YAML 1.1, which Python reads, a bare `no` is no text.
      const names = classes.map((name) => `  - ${JSON.stringify(name)}\n`).join('');
      return [{ path: 'data.yaml', text: `train: images\nval: images\nnc: ${classes.length}\nnames:\n${names}` }];
    },
    add(picture) {
      const lines = picture.objects.map((object) => `${lineOf(object, picture)}\n`);
      const pieces: readonly Piece[] = [
        { path: `images/${picture.name}`, picture: picture.file, how: copyImages ? 'copy' : 'link' },
        { path: `labels/${withoutEnding(picture.name)}.txt`, text: [...new Set(lines)].join('') },
      ];
      return pieces;
    },
    finish: () => [],
  };
}

type Shares = readonly [cx: number, cy: number, width: number, height: number];

/** @throws {LowformerError} `invalid-argument` for a box that shares from 0 to 1 cannot say. */
function shares([x, y, w, h]: MarkedObject['box'], { name, size: { width, height } }: MarkedPicture): Shares {
  const all: Shares = [(x + w / 2) / width, (y + h / 2) / height, w / width, h / height];
  if (all.every((share) => share >= 0 && share <= 1)) return all;
  throw outside(name, { width, height }, [x, y, w, h]);
}

/** @throws {LowformerError} `invalid-argument` for a corner outside of the picture. */
function corners({ box: [x, y, w, h], shape }: MarkedObject, { name, size }: MarkedPicture): readonly number[] {
  const rings = ringsOf(shape);
  const ring = rings.length === 0 ? [x, y, x + w, y, x + w, y + h, x, y + h] : ringWithBridges(rings);
  return ring.map((value, i) => {
    const share = value / (i % 2 === 0 ? size.width : size.height);
    if (share >= 0 && share <= 1) return share;
    throw outside(name, size, ring.slice(i - (i % 2), i - (i % 2) + 2));
  });
}

function outside(where: string, { width, height }: Size, received: readonly number[]): LowformerError {
  const expected = `what is marked within the picture (${width}x${height}), as YOLO's labels are shares of it,`;
  const hint = 'Correct them, or choose another format, such as coco.';
  return new LowformerError({ code: 'invalid-argument', where, expected, received, hint });
}

function line(classIndex: number, values: readonly number[]): string {
  return [classIndex, ...values.map(decimal)].join(' ');
}

/** Fifteen decimals: a billionth of a pixel in any picture. Without exponents, which not every reader of labels takes. */
function decimal(value: number): string {
  return value.toFixed(15).replace(/\.?0+$/, '');
}
