import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import { parseCocoAnnotations } from '../../data/coco.js';
import { parseCocoResults } from '../../data/coco_results.js';
import { evaluateCoco } from '../../evaluation/coco_evaluator.js';
import { scoreCoco } from '../../scoring/coco_score.js';
import { placeResults } from '../../scoring/results_by_picture.js';
import { type CocoScene, PARITY_CASES, parityScene, randomScene } from '../evaluation/coco_cases.js';
import { parityFile } from '../parity_file.js';

/** What the command does, from the bytes of files: results in as many files as given. */
function scoreBytes(groundTruth: Uint8Array, ...results: readonly Uint8Array[]) {
  const annotations = parseCocoAnnotations(groundTruth, 'gt.json');
  const notes = collectNotes();
  const placed = results.map((bytes) => placeResults(annotations, parseCocoResults(bytes, 'dt.json'), notes));
  return scoreCoco(annotations, placed, notes);
}
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const records = ({ groundTruth, detections }: CocoScene) => evaluateCoco(groundTruth, detections);

describe('columns from files give what records give, to the bit', () => {
  it.each(PARITY_CASES)('%s', (name) => {
    const [truth, found] = ['gt.json', 'dt.json'].map((file) =>
      readFileSync(parityFile(`coco/${name}/${file}`) ?? file),
    );
    expect(scoreBytes(truth ?? new Uint8Array(), found ?? new Uint8Array())).toEqual(records(parityScene(name)));
  });

  it.each([1, 2, 3])('results in several files, negative scores and ties: scene %i', (seed) => {
    const { groundTruth, detections } = randomScene(seed);
    const scored = detections.map((detection, i) => ({
      ...detection,
      score: [-3, -1e-300, 0, 1e-300, 2.5][i % 5] ?? 0,
    }));
    const half = scored.length >> 1;
    const annotations = groundTruth.annotations.map((one) => ({ ...one, iscrowd: Number(one.iscrowd) }));
    const summary = scoreBytes(
      bytesOf({ ...groundTruth, annotations }),
      bytesOf(scored.slice(0, half)),
      bytesOf(scored.slice(half)),
    );
    expect(summary).toEqual(records({ groundTruth, detections: scored }));
  });
});
