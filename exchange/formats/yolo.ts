/** YOLO's text format, laid out as ultralytics takes it: `data.yaml`, `images/NAME.jpg`, `labels/NAME.txt`. */
import { LowformerError } from '../../core/errors.js';
import { defineExchangeFormat, type ExchangeWriter, type Piece, type WritingContext } from '../define.js';
import type { MarkedObject, MarkedPicture } from '../marked.js';
import { withoutEnding } from '../picture_names.js';

const names = { distinct: true, trimmed: true, xml: false } as const;

/** Lines `class cx cy width height`. Labels are found by the path of the picture, so that pictures lie there too, as links. */
export const yolo = defineExchangeFormat({
  type: 'yolo',
  title: "YOLO's labels",
  shape: 'folder',
  needsPictures: true,
  keeps: ['fraction', 'classOrder', 'emptyPicture'],
  names,
  open: (context) => writer(context, ({ classIndex, box }, picture) => line(classIndex, shares(box, picture))),
});

/** Lines with the score behind the box, as ultralytics' `save_conf` has them: what was found, not what to train on. */
export const yoloScores = defineExchangeFormat({
  type: 'yolo-scores',
  title: "YOLO's labels with scores",
  shape: 'folder',
  needsPictures: true,
  keeps: ['score', 'fraction', 'classOrder', 'emptyPicture', 'twin'],
  needsScores: true,
  names,
  open: (context) =>
    writer(context, ({ classIndex, box, score = 0 }, picture) => line(classIndex, [...shares(box, picture), score])),
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
  throw new LowformerError({
    code: 'invalid-argument',
    where: name,
    expected: `boxes within the picture (${width}x${height}), as YOLO's labels are shares of it,`,
    received: [x, y, w, h],
    hint: 'Correct the box, or choose another format, such as coco.',
  });
}

function line(classIndex: number, values: readonly number[]): string {
  return [classIndex, ...values.map(decimal)].join(' ');
}

/** Fifteen decimals: a billionth of a pixel in any picture. Without exponents, which not every reader of labels takes. */
function decimal(value: number): string {
  return value.toFixed(15).replace(/\.?0+$/, '');
}
