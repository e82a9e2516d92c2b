import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import { parseCocoAnnotations } from '../../data/coco.js';
import { parseCocoResults } from '../../data/coco_results.js';
import { cocoReport, scoreCoco } from '../../scoring/coco_score.js';
import { placeResults, resultsByPicture } from '../../scoring/results_by_picture.js';
import { scoreVoc } from '../../scoring/voc_score.js';

function read(truth: Uint8Array, detections: Uint8Array) {
  const notes = collectNotes();
  const annotations = parseCocoAnnotations(truth, 'gt.json', { notes });
  return { annotations, placed: placeResults(annotations, parseCocoResults(detections, 'dt.json'), notes), notes };
}

describe('choices of the figures', () => {
  it("mmdet's numbers of detections, which recall is called by", () => {
    const file = (side: string) =>
      readFileSync(fileURLToPath(new URL(`../fixtures/coco/many_detections/${side}.json`, import.meta.url)));
    const { annotations, placed, notes } = read(file('gt'), file('dt'));
    const maxDets = [100, 300, 1000] as const;
    const { record } = cocoReport(scoreCoco(annotations, [placed], notes, maxDets), maxDets);
    const stats = Object.entries('stats' in record && record.stats instanceof Object ? record.stats : {});
    // pycocotools 2.0.11 with params.maxDets = [100, 300, 1000].
    const expected: Readonly<Record<string, number>> = {
      AP: 0.07535699766047846,
      AP50: 0.25193660537070156,
      AP75: 0.015411855030821597,
      APs: 0.08112488356836842,
      APm: 0.07560989685414521,
      APl: 0.08833802695455172,
      AR100: 0.25898169336384436,
      AR300: 0.25950800915331806,
      AR1000: 0.25950800915331806,
      ARs: 0.26895604395604394,
      ARm: 0.24521116138763194,
      ARl: 0.27254901960784317,
    };
    expect(stats.map(([name]) => name)).toEqual(Object.keys(expected));
    for (const [name, value] of stats) expect(value, name).toBeCloseTo(expected[name] ?? Number.NaN, 9);
  });

  it('widths of one more, as in published figures of Pascal VOC', () => {
    const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    const truth = {
      images: [{ id: 1 }],
      categories: [{ id: 1, name: 'a' }],
      annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [0, 0, 2, 2], area: 4 }],
    };
    const { annotations, placed } = read(
      bytes(truth),
      bytes([{ image_id: 1, category_id: 1, bbox: [0, 0, 1, 2], score: 1 }]),
    );
    const mAP = (legacyCoordinates: boolean) =>
      scoreVoc(annotations, resultsByPicture(annotations, [placed]), { iou: 0.6, mode: 'area', legacyCoordinates }).mAP;
    // Overlap 2 / 4 without, 6 / 9 with.
    expect([mAP(false), mAP(true)]).toEqual([0, 1]);
  });
});
