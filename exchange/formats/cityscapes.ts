/** Cityscapes as it is distributed (github.com/mcordts/cityscapesScripts): label ids and train ids, in folders by split and city. */

import { LowformerError } from '../../core/errors.js';
import { CITYSCAPES_LABEL_IDS, cityscapes } from '../../data/classes/cityscapes.js';
import { encodeLabelMap } from '../../drawing/label_map.js';
import { decodeImage } from '../../images/decode.js';
import { encodePng } from '../../images/encode_png.js';
import { defineExchangeFormat, type Piece } from '../define.js';
import type { MarkedPicture } from '../marked.js';
import { FOLDER } from './label_maps.js';

/** City, sequence and frame, which cityscapesScripts takes from names. */
const NAME = /(?:^|\/)([^/_]+)_(\d+)_(\d+)(?:_leftImg8bit)?\.[^./]+$/;
const GREY = { classCount: 256, palette: undefined, grey: true };

/**
 * `gtFine/SPLIT/CITY/CITY_000000_000294_gtFine_labelIds.png` and `…_labelTrainIds.png`, and in `leftImg8bit/` links to the pictures, or the pictures;
 * of other formats than PNG the pixels as PNG. The split is the folder `train`, `val` or `test` that a picture lies in, else `train`.
 */
export const cityscapesLabels = defineExchangeFormat({
  ...FOLDER,
  type: 'cityscapes',
  title: 'Cityscapes',
  classes: cityscapes.classes,
  needsPictures: true,
  open({ copyImages }) {
    const taken = new Set<string>();
    return {
      begin: () => [],
      add(picture) {
        const { file, labels } = picture;
        if (labels === undefined) throw new RangeError(`no label map of ${picture.name}`);
        const place = placeOf(picture);
        if (taken.has(place)) throw wrong('each city, sequence and frame once', picture.name);
        taken.add(place);
        const ids = labels.labels.map((label) => CITYSCAPES_LABEL_IDS[label] ?? 0);
        const path = `leftImg8bit/${place}_leftImg8bit.png`;
        const pieces: readonly Piece[] = [
          {
            path: `gtFine/${place}_gtFine_labelIds.png`,
            encode: () => encodeLabelMap({ ...labels, labels: ids }, GREY),
          },
          { path: `gtFine/${place}_gtFine_labelTrainIds.png`, encode: () => encodeLabelMap(labels, GREY) },
          /\.png$/i.test(file)
            ? { path, picture: file, how: copyImages ? 'copy' : 'link' }
            : { path, encode: async () => encodePng(await decodeImage(file)) },
        ];
        return pieces;
      },
      finish: () => [],
    };
  },
});

/** Split, city and name. */
function placeOf({ name, file }: MarkedPicture): string {
  const [, city, sequence, frame] = NAME.exec(name) ?? [];
  if (city === undefined) {
    const expected =
      "a picture called CITY_SEQUENCE_FRAME, as 'frankfurt_000000_000294', by which Cityscapes' own scripts find it,";
    throw wrong(expected, name);
  }
  const split = file.split(/[\\/]/).findLast((part) => ['train', 'val', 'test'].includes(part)) ?? 'train';
  return `${split}/${city}/${city}_${sequence}_${frame}`;
}

function wrong(expected: string, received: string): LowformerError {
  const hint = 'Rename the pictures and their labels, or write folder, which takes any names.';
  return new LowformerError({ code: 'invalid-argument', where: '--to cityscapes', expected, received, hint });
}
