/** What a model found, as marks. */
import type { LabelMap } from '../core/frame.js';
import type { Detection } from '../core/results.js';
import { boxAround } from '../geometry/box_around.js';
import { labelExtents } from '../geometry/label_extents.js';
import { labelOutlines, type Outline } from '../geometry/label_outlines.js';
import { runsByLabel } from '../geometry/mask_runs.js';
import type { Shape } from '../geometry/shape.js';
import type { ExchangeFormat } from './define.js';
import type { MarkedObject } from './marked.js';

/** Boxes with their scores. */
export function markedDetections(detections: readonly Detection[]): readonly MarkedObject[] {
  return detections.map(({ box: [x1, y1, x2, y2], score, classIndex }) => ({
    id: undefined,
    classIndex,
    box: [x1, y1, x2 - x1, y2 - y1],
    area: undefined,
    score,
    crowd: false,
    difficult: false,
  }));
}

/** The classes of a label map, or its regions, as a format holds them. Exact: filled, they are the map to the pixel. */
export function markedLabels(map: LabelMap, { shapes }: Pick<ExchangeFormat, 'shapes'>): readonly MarkedObject[] {
  if (shapes === 'runs') {
    const runs = runsByLabel(map);
    return [...labelExtents(map)].map(([label, { box, pixels }]) => {
      const shape: Shape = { kind: 'runs', runs: runs.get(label) ?? [], size: map };
      return object(label, box, pixels, shape);
    });
  }
  const outlines = labelOutlines(map);
  if (shapes === 'regions') {
    return outlines.map((outline) => marked(outline.label, [outline]));
  }
  const byLabel = new Map<number, Outline[]>();
  for (const outline of outlines) {
    const own = byLabel.get(outline.label) ?? [];
    own.push(outline);
    byLabel.set(outline.label, own);
  }
  return [...byLabel].map(([label, own]) => marked(label, own));
}

function marked(classIndex: number, outlines: readonly Outline[]): MarkedObject {
  const area = outlines.reduce((sum, { pixels }) => sum + pixels, 0);
  return object(classIndex, boxAround(cornersOf(outlines)), area, { kind: 'polygons', polygons: outlines });
}

function object(classIndex: number, box: MarkedObject['box'], area: number, shape: Shape): MarkedObject {
  return { id: undefined, classIndex, box, area, score: undefined, crowd: false, difficult: false, shape };
}

/** Of each outline the two corners of its box: of a large map all outlines have many. */
function cornersOf(outlines: readonly Outline[]): readonly number[] {
  return outlines.flatMap(({ outer }) => {
    const [x, y, width, height] = boxAround(outer);
    return [x, y, x + width, y + height];
  });
}
