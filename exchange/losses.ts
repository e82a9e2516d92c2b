/** What a format does not keep: counted while it is written, said once in the end. */
import type { Notes } from '../core/notes.js';
import { shapeBox } from '../geometry/shape.js';
import type { ExchangeFormat, Feature, WritingContext } from './define.js';
import type { MarkedObject, MarkedPicture } from './marked.js';

const LOSSES = {
  score: 'scores are not kept',
  crowd: 'crowd regions become ordinary objects',
  difficult: 'objects marked as difficult lose the mark',
  area: 'areas of masks are not kept: sizes will go by the box',
  fraction: 'boxes are rounded to whole pixels',
  objectId: 'ids of objects are not kept: they are counted anew',
  pictureId: 'ids of pictures are not kept: their names tell them apart',
  textId: 'ids of pictures that are texts become numbers, counted from 1',
  categoryId: 'ids of categories are not kept: names tell classes apart, or their order from 0',
  classOrder: 'the list of classes and its order are not kept: name them with --classes when it is read',
  emptyPicture: 'pictures without an object are not kept',
  twin: 'objects that stand twice in a picture count once',
  outline: 'outlines are not kept: the boxes around them stand for them',
  part: 'objects of several parts become an object a part',
  ownBox: 'boxes that are not those around their outlines are not kept',
  bareBox: 'boxes without outline become outlines of their corners',
  instance: 'objects of one class are not told apart',
} as const satisfies Readonly<Record<Feature, string>>;

export interface LossCount {
  add(picture: MarkedPicture): void;
  /** Notes what was lost. */
  finish(): void;
}

/** Counts what of these pictures `format` does not keep. */
export function countLosses(format: ExchangeFormat, context: WritingContext, notes: Notes): LossCount {
  const lost = (feature: Feature, example: string | undefined, times = 1) => {
    if (format.keeps.has(feature) || times === 0) return;
    notes.add({ kind: `lost-${feature}`, where: format.type, message: LOSSES[feature] }, example, times);
  };
  const keepsOutlines = format.keeps.has('outline');
  return {
    add(picture) {
      const { name, id, objects } = picture;
      if (objects.length === 0) lost('emptyPicture', name);
      if (id !== undefined) lost(typeof id === 'string' ? 'textId' : 'pictureId', name);
      const features = keepsOutlines ? [...OBJECT_FEATURES, ...OUTLINE_FEATURES] : OBJECT_FEATURES;
      for (const feature of features) {
        const count = objects.filter(TELLS[feature]).length;
        lost(feature, name, count);
      }
      if (!format.keeps.has('twin')) lost('twin', name, objects.length - new Set(objects.map(twinKey)).size);
    },
    finish() {
      const own = context.categoryIds.filter((id, index) => id !== index + 1).length;
      if (context.kind === 'annotated') lost('categoryId', undefined, own);
      lost('classOrder', undefined, context.classes.length);
    },
  };
}

const TELLS = {
  score: ({ score }: MarkedObject) => score !== undefined,
  crowd: ({ crowd }: MarkedObject) => crowd,
  difficult: ({ difficult }: MarkedObject) => difficult,
  area: ({ area, box }: MarkedObject) => area !== undefined && area !== box[2] * box[3],
  fraction: ({ box }: MarkedObject) => !box.every(Number.isInteger),
  objectId: ({ id }: MarkedObject) => id !== undefined,
  outline: ({ shape }: MarkedObject) => shape !== undefined,
  bareBox: ({ shape }: MarkedObject) => shape === undefined,
  instance: () => true,
  part: ({ shape }: MarkedObject) => shape?.kind === 'polygons' && shape.polygons.length > 1,
  ownBox: ({ shape, box }: MarkedObject) => {
    const around = shape === undefined ? undefined : shapeBox(shape);
    return around?.some((value, i) => Math.abs(value - (box[i] ?? 0)) > 1e-3) === true;
  },
};
const OBJECT_FEATURES = ['score', 'crowd', 'difficult', 'area', 'fraction', 'objectId', 'outline', 'instance'] as const;
/** Of formats that hold outlines. */
const OUTLINE_FEATURES = ['part', 'ownBox', 'bareBox'] as const;

function twinKey({ classIndex, box }: MarkedObject): string {
  return `${classIndex} ${box.join(' ')}`;
}
