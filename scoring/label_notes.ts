/** What figures of label maps look like when labels mean something else than they were taken for. */
import type { Notes } from '../core/notes.js';
import type { SegmentationCounts } from '../evaluation/segmentation_metrics.js';

/** Of the pixels, from which on it is worth a word. */
const MUCH = 0.05;

/**
 * Notes what makes figures doubtful: a class that no label shows while much is ignored, and labels on one side that count
 * otherwise than on the other.
 */
export function noteDoubts(where: string, counts: SegmentationCounts, notes: Notes): void {
  const { numClasses, confusion, ignoredPixels, ignoreIndex } = counts;
  const at = (label: number, predicted: number) => confusion[label * numClasses + predicted] ?? 0;
  const classes = Array.from({ length: numClasses }, (_, i) => i);
  const labelled = classes.map((label) => classes.reduce((sum, predicted) => sum + at(label, predicted), 0));
  const pixels = labelled.reduce((sum, count) => sum + count, 0);
  const [absent, ...others] = classes.filter((label) => labelled[label] === 0);
  const isPredicted = absent !== undefined && classes.some((label) => at(label, absent) > 0);
  if (isPredicted && others.length === 0 && ignoredPixels > MUCH * (pixels + ignoredPixels)) {
    const share = ((100 * ignoredPixels) / (pixels + ignoredPixels)).toFixed(1);
    const message = `No label shows class ${absent}, which was predicted, while ${ignoredPixels} pixels (${share} %) are ignored: if ${ignoreIndex} stands for that class, say so with --label-map ${ignoreIndex}=${absent}`;
    notes.add({ kind: 'class-never-labelled', where, message });
  }
  const agreeing = (shift: number) =>
    classes.reduce(
      (sum, label) => sum + (label + shift < 0 || label + shift >= numClasses ? 0 : at(label, label + shift)),
      0,
    );
  const right = agreeing(0);
  const share = (count: number) => `${((100 * count) / pixels).toFixed(1)} %`;
  if (agreeing(1) > 2 * right && agreeing(1) > pixels / 2) {
    const message = `Predictions agree with the labels in ${share(right)} of the pixels, and in ${share(agreeing(1))} if they count from 1: then say --predictions-from-1`;
    notes.add({ kind: 'predictions-from-1', where, message });
  }
  if (agreeing(-1) > 2 * right && agreeing(-1) > pixels / 2) {
    const message = `Predictions agree with the labels in ${share(right)} of the pixels, and in ${share(agreeing(-1))} if labels count from 1: then say --reduce-zero-label`;
    notes.add({ kind: 'labels-from-1', where, message });
  }
}
