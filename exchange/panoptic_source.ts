/** COCO's panoptic format on its way into another: its segments, or a class for each pixel. */
import { relative, resolve } from 'node:path';
import type { PanopticDataset, PanopticSample } from '../data/coco_panoptic.js';
import { countedCategoryIds } from '../data/object_table.js';
import { checkSampleSize, readPictureSize } from '../data/picture_folder.js';
import { labelsOfSegments, readSegmentIds } from '../data/segment_ids.js';
import { runsByLabel } from '../geometry/mask_runs.js';
import { runsArea, type Shape, shapeBox, shapePolygons } from '../geometry/shape.js';
import type { ExchangeFormat } from './define.js';
import type { MarkedObject, MarkedPicture } from './marked.js';
import type { MarkSource } from './source.js';

/**
 * Segments are objects in the order of the file; of classes that are not asked for there are none.
 * @param images the folder of pictures, from which their names count.
 * @throws {LowformerError} as `readSegmentIds` and `labelsOfSegments`; for a PNG of another size than its picture's.
 */
export function panopticSource(dataset: PanopticDataset, { images }: { readonly images: string }): MarkSource {
  const classes = dataset.classes.map((name) => name.trim());
  const nameOf = ({ file }: PanopticSample) => relative(resolve(images), file).replaceAll('\\', '/');
  const ids = dataset.categoryIds.flatMap((id) => id ?? []);
  return {
    ...{ name: dataset.name, classes, palette: undefined },
    categoryIds: ids.length === classes.length ? ids : countedCategoryIds(classes),
    things: dataset.things,
    wholeIds: dataset.samples.every(({ pictureId }) => typeof pictureId !== 'string'),
    names: dataset.samples.map(nameOf),
    labelMaps: true,
    async *pictures(format) {
      for (const sample of dataset.samples) yield await picture(dataset, sample, nameOf(sample), format);
    },
  };
}

async function picture(
  { ignoreIndex }: PanopticDataset,
  { pictureId, file, labelFile, segments, crowds }: PanopticSample,
  name: string,
  format: ExchangeFormat,
): Promise<MarkedPicture> {
  const map = await readSegmentIds(labelFile);
  const size = { width: map.width, height: map.height };
  checkSampleSize({ file, size }, await readPictureSize(file));
  const labels = labelsOfSegments(map, segments, ignoreIndex, labelFile);
  const common = { id: pictureId, name, file, size };
  const counted = [...segments].filter(([, label]) => label !== ignoreIndex);
  // Numbers of segments, for ids take 24 bits.
  const numberOf = new Map(counted.map(([id], i) => [id, i + 1]));
  const numbers = Uint16Array.from(map.ids, (id) => numberOf.get(id) ?? 0);
  const runs = runsByLabel({ ...size, labels: numbers });
  const objects = counted.flatMap(([id, classIndex], i) => {
    const own = runs.get(i + 1);
    return own === undefined
      ? []
      : [marked({ kind: 'runs', runs: own, size }, classIndex, crowds.includes(id), format)];
  });
  return format.labelMaps === true
    ? { ...common, objects, labels: { ...labels, ignored: ignoreIndex } }
    : { ...common, objects };
}

function marked(
  shape: Extract<Shape, { kind: 'runs' }>,
  classIndex: number,
  crowd: boolean,
  { shapes, labelMaps }: ExchangeFormat,
): MarkedObject {
  const box = shapeBox(shape) ?? [0, 0, 0, 0];
  // Of a label map it follows from the pixels.
  const area = labelMaps === true ? undefined : runsArea(shape.runs);
  const common = { id: undefined, classIndex, box, area, score: undefined, crowd };
  const held: Shape = shapes === 'runs' ? shape : { kind: 'polygons', polygons: shapePolygons(shape) };
  return { ...common, difficult: false, shape: held };
}
