/** What label maps hold, before anything is made of them: each is read once. */
import { join } from 'node:path';
import { LowformerError } from '../../core/errors.js';
import type { LabelMap, Size } from '../../core/frame.js';
import { collectMistakes } from '../../core/mistakes.js';
import type { SegmentationDataset, SegmentationSample } from '../../data/dataset.js';
import { pathKind, settleFew } from '../../data/files.js';
import { readSampleLabels } from '../../data/label_map.js';
import { readYoloNames } from '../../data/yolo_config.js';
import { reducedLabels } from '../../steps/training/load_annotations.js';
import { checkLabelSize } from '../loading/segmentation_data.js';

export interface LabelSurvey {
  readonly classes: readonly string[];
  /** Whether the names are made up: `class 0`. */
  readonly unnamed: boolean;
  /** Of each picture. */
  readonly sizes: readonly Size[];
  /** Labels that each picture shows, the ignored one left out. */
  readonly shown: readonly ReadonlySet<number>[];
}

/** A file beside the label maps that names a class a line. */
const NAME_FILES = ['label_names.txt', 'classes.txt', 'labels.txt'];

/** What 8 bits hold beside the ignored label. */
export const MOST_CLASSES = 255;

/**
 * Classes are those that the data set names, or a file beside the label maps; else as many as the labels are.
 * @param labels the folder of label maps.
 * @throws {LowformerError} `invalid-argument`, all mistakes at once: for labels without name and label maps of another size
 *   than their pictures; `unreadable-image`.
 */
export async function surveyLabels(dataset: SegmentationDataset, labels: string): Promise<LabelSurvey> {
  const named = dataset.classes ?? (await namesBeside(labels));
  const sizes: Size[] = [];
  const shown: ReadonlySet<number>[] = [];
  const mistakes = collectMistakes();
  const look = async (sample: SegmentationSample) => {
    const { labels: map, size } = await readPair(dataset, sample);
    const found = labelsIn(map);
    found.delete(dataset.ignoreIndex);
    const most = named?.length ?? MOST_CLASSES;
    const wrong = [...found].find((label) => label >= most);
    if (wrong !== undefined) throw nameless(sample, map, wrong, named);
    return { size, found };
  };
  for await (const outcome of settleFew(dataset.samples, look)) {
    if (outcome.status === 'fulfilled') {
      sizes.push(outcome.value.size);
      shown.push(outcome.value.found);
    } else if (!mistakes.keep(outcome.reason, 'unreadable-image')) throw outcome.reason;
  }
  mistakes.check();
  const most = shown.reduce((greatest, own) => Math.max(greatest, ...own), -1);
  if (most < 0) {
    const expected = `labels, but every pixel is ${dataset.ignoreIndex}, which does not count`;
    throw new LowformerError({ code: 'invalid-argument', where: dataset.name, expected });
  }
  const counted = Array.from({ length: Math.max(2, most + 1) }, (_, label) => `class ${label}`);
  return { classes: named ?? counted, unnamed: named === undefined, sizes, shown };
}

function labelsIn({ labels }: LabelMap): Set<number> {
  const seen = new Uint8Array(65536);
  for (const label of labels) seen[label] = 1;
  return new Set([...seen.keys()].filter((label) => seen[label] === 1));
}

async function readPair(dataset: SegmentationDataset, sample: SegmentationSample) {
  const read = await readSampleLabels(dataset, sample);
  await checkLabelSize(sample, read);
  const size = { width: read.width, height: read.height };
  return { labels: dataset.reduceZeroLabel ? reducedLabels(read) : read, size };
}

function nameless(
  { labelFile }: SegmentationSample,
  { labels, width }: LabelMap,
  label: number,
  named: readonly string[] | undefined,
): LowformerError {
  const at = labels.indexOf(label);
  const where = `${labelFile}: pixel (${at % width}, ${Math.floor(at / width)})`;
  const [most, hint] =
    named === undefined
      ? [MOST_CLASSES - 1, 'More classes do not fit into label maps of 8 bits.']
      : [
          named.length - 1,
          `The names are ${named.join(', ')}. Name all classes with --classes, or correct the label map.`,
        ];
  const expected = `a label from 0 to ${most}, or 255, which does not count,`;
  return new LowformerError({ code: 'invalid-argument', where, expected, received: label, hint });
}

async function namesBeside(labels: string): Promise<readonly string[] | undefined> {
  for (const folder of [labels, join(labels, '..')]) {
    for (const name of NAME_FILES) {
      const path = join(folder, name);
      if ((await pathKind(path)) === 'file') return readYoloNames(path);
    }
  }
  return undefined;
}
