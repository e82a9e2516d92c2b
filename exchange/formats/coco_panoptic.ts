/** COCO's panoptic format (cocodataset.org/#format-data): `panoptic.json`, and a PNG a picture whose colours are ids of segments. */
import { classPalette } from '../../drawing/palette.js';
import { exactJson } from '../../files/exact_json.js';
import type { MaskRuns } from '../../geometry/mask_runs.js';
import { encodePng } from '../../images/encode_png.js';
import { defineExchangeFormat, type Piece } from '../define.js';
import type { MarkedObject, MarkedPicture } from '../marked.js';
import { withoutEnding } from '../picture_names.js';

/** What three bytes hold, and one more. */
const IDS = 2 ** 24;
/** From the colour of a class to that of its next segment: odd, so that each is met before one is met again. */
const STEP = 0x2b1f35;

/**
 * PNGs lie in `panoptic/`, which is where panopticapi looks for those of `panoptic.json`. Segments have the colour of their class, further
 * ones of a class colours that are none's. Boxes and areas are those of the pixels.
 */
export const cocoPanoptic = defineExchangeFormat({
  type: 'coco-panoptic',
  title: "COCO's panoptic format",
  shape: 'folder',
  shapes: 'runs',
  boxes: false,
  disjoint: true,
  keeps: [
    ...(['crowd', 'area', 'fraction', 'pictureId', 'categoryId', 'classOrder', 'emptyPicture', 'twin'] as const),
    ...(['outline', 'part', 'instance'] as const),
  ],
  names: { distinct: true, trimmed: true, xml: false },
  open({ classes, categoryIds, things, palette, wholeIds, copyImages }) {
    const colours = classPalette(classes.length, palette);
    const images: string[] = [];
    const path = 'panoptic.json';
    return {
      begin() {
        const categories = classes.map((name, i) => {
          const isthing = Number(things[i] ?? true);
          return { id: categoryIds[i], name, supercategory: '', isthing, color: colours[i] };
        });
        const lines = categories.map((one) => `\n    ${exactJson(one)}`).join(',');
        return [{ path, text: `{\n  "categories": [${lines}\n  ],\n  "annotations": [` }];
      },
      add(picture) {
        const { id: own, name, file, size } = picture;
        const id = wholeIds && own !== undefined ? own : images.length + 1;
        const segments = numbered(picture, colours);
        const file_name = `${withoutEnding(name)}.png`;
        const segments_info = segments.map(([segment, { classIndex, crowd, box, area }]) => {
          const common = { id: segment, category_id: categoryIds[classIndex], iscrowd: Number(crowd) };
          return { ...common, bbox: box, area };
        });
        const text = `${images.length === 0 ? '' : ','}\n    ${exactJson({ image_id: id, file_name, segments_info })}`;
        images.push(exactJson({ id, file_name: name, width: size.width, height: size.height }));
        const pieces: Piece[] = [
          { path, text },
          { path: `panoptic/${file_name}`, encode: () => encodePng({ ...size, data: painted(picture, segments) }) },
        ];
        if (copyImages) pieces.push({ path: `images/${name}`, picture: file, how: 'copy' });
        return pieces;
      },
      finish() {
        const lines = images.map((image) => `\n    ${image}`).join(',');
        return [{ path, text: `\n  ],\n  "images": [${lines}\n  ]\n}\n` }];
      },
    };
  },
});

type Numbered = readonly (readonly [id: number, object: MarkedObject])[];

function numbered({ objects }: MarkedPicture, colours: readonly (readonly number[])[]): Numbered {
  const taken = new Set([0]);
  return objects.map((object) => {
    const [red = 0, green = 0, blue = 0] = colours[object.classIndex] ?? [];
    let id = red + 256 * green + 65536 * blue;
    while (taken.has(id)) id = (id + STEP) % IDS;
    taken.add(id);
    return [id, object] as const;
  });
}

/** Red, green, blue of each pixel. */
function painted({ size: { width, height } }: MarkedPicture, segments: Numbered): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (const [id, { shape }] of segments) {
    if (shape?.kind === 'runs') paint(data, shape.runs, id, { width, height });
  }
  return data;
}

function paint(data: Uint8Array, runs: MaskRuns, id: number, { width, height }: MarkedPicture['size']): void {
  let at = 0;
  for (const [i, run] of runs.entries()) {
    for (let pixel = at; i % 2 === 1 && pixel < at + run; pixel++) {
      const place = 3 * ((pixel % height) * width + Math.floor(pixel / height));
      data[place] = id;
      data[place + 1] = id >> 8;
      data[place + 2] = id >> 16;
    }
    at += run;
  }
}
