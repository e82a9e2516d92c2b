/** What each picture of a dataset shows, from its annotations alone. */
import { relative } from 'node:path';
import { LowformerError } from '../../core/errors.js';
import type { Dataset, DetectionDataset, SegmentationDataset } from '../../data/dataset.js';
import { mapFew } from '../../data/files.js';
import { readSampleLabels } from '../../data/label_map.js';

/** One picture's classes, and of each what `Survey.unit` counts. */
export type ClassCounts = ReadonlyMap<number, number>;

export interface SurveyedClass {
  readonly name: string;
  /** Of `Survey.unit`. */
  readonly count: number;
  readonly pictures: number;
}

export interface Survey {
  readonly unit: 'objects' | 'pixels' | 'pictures';
  /** By class index. */
  readonly classes: readonly SurveyedClass[];
  /** By picture; undefined where its annotations cannot be read. */
  readonly counts: readonly (ClassCounts | undefined)[];
  readonly bad: readonly LowformerError[];
}

/** In `readClassLabels`: a pixel that is ignored. */
export const NO_CLASS = 65535;

/**
 * Counts objects, or pixels, or pictures by class. Of segmentation, every label map is read; no picture is.
 * @param done called after each label map.
 */
export async function surveyDataset(dataset: Dataset, done: (line: string) => void): Promise<Survey> {
  if (dataset.kind === 'detection') return summed('objects', dataset.classes, countObjects(dataset), []);
  if (dataset.kind === 'classification') {
    const counts = dataset.samples.map(({ classIndex }) => new Map([[classIndex, 1]]));
    return summed('pictures', classNames(dataset), counts, []);
  }
  const bad: LowformerError[] = [];
  const counts = await mapFew(dataset.samples, async (sample) => {
    try {
      const { labels } = await readClassLabels(dataset, sample);
      const counted = countLabels(labels);
      done(`${sample.id}: ${counted.size} classes`);
      return counted;
    } catch (error) {
      if (!(error instanceof LowformerError)) throw error;
      bad.push(error);
      done(`${sample.id}: cannot be read`);
      return undefined;
    }
  });
  const most = counts.reduce((greatest, own) => Math.max(greatest, ...(own?.keys() ?? [])), -1);
  const names = dataset.classes ?? Array.from({ length: most + 1 }, (_, index) => `class ${index}`);
  const byName = bad.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return summed('pixels', names, counts, byName);
}

/**
 * Of a sample, class indices as they are scored; `NO_CLASS` where a pixel is ignored.
 * @throws {LowformerError} as `readSampleLabels`; `invalid-argument`, with file, pixel and value, beyond the classes.
 */
export async function readClassLabels(
  dataset: SegmentationDataset,
  sample: SegmentationDataset['samples'][number],
): Promise<{ readonly width: number; readonly height: number; readonly labels: Uint16Array }> {
  const { width, height, labels } = await readSampleLabels(dataset, sample);
  const { reduceZeroLabel, ignoreIndex, classes } = dataset;
  const end = classes?.length ?? NO_CLASS;
  const mapped = new Uint16Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const value = labels[i] ?? 0;
    const ignored = value === ignoreIndex || (reduceZeroLabel && value === 0);
    const index = ignored ? NO_CLASS : reduceZeroLabel ? value - 1 : value;
    if (!ignored && index >= end) {
      const where = `${sample.labelFile}: pixel (${i % width}, ${Math.floor(i / width)})`;
      const [first, last] = reduceZeroLabel ? [1, end] : [0, end - 1];
      const expected = `a class from ${first} to ${last}, or ${ignoreIndex} (ignored)`;
      throw new LowformerError({ code: 'invalid-argument', where, expected, received: value });
    }
    mapped[i] = index;
  }
  return { width, height, labels: mapped };
}

/** As people call them. */
export function classNames(dataset: Extract<Dataset, { readonly kind: 'classification' }>): readonly string[] {
  return dataset.classes.map((folder, i) => dataset.classNames?.[i]?.[0] ?? folder);
}

/** A picture's name for people: its path from the folder of pictures on. */
export function pictureName(images: string, file: string): string {
  const path = relative(images, file).replaceAll('\\', '/');
  return path.startsWith('../') ? file : path;
}

function countObjects({ categoryIds, samples }: DetectionDataset): readonly ClassCounts[] {
  const indices = new Map(categoryIds.map((id, index) => [id, index]));
  return samples.map(({ objects }) => {
    const counts = new Map<number, number>();
    for (const { categoryId } of objects) {
      const index = indices.get(categoryId);
      if (index !== undefined) counts.set(index, (counts.get(index) ?? 0) + 1);
    }
    return counts;
  });
}

function countLabels(labels: Uint16Array): ClassCounts {
  const pixels = new Uint32Array(65536);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? 0;
    pixels[label] = (pixels[label] ?? 0) + 1;
  }
  const counts = new Map<number, number>();
  for (let label = 0; label < NO_CLASS; label++) {
    const count = pixels[label] ?? 0;
    if (count > 0) counts.set(label, count);
  }
  return counts;
}

function summed(
  unit: Survey['unit'],
  names: readonly string[],
  counts: readonly (ClassCounts | undefined)[],
  bad: readonly LowformerError[],
): Survey {
  const [total, pictures] = [new Float64Array(names.length), new Float64Array(names.length)];
  for (const own of counts) {
    for (const [index, count] of own ?? []) {
      total[index] = (total[index] ?? 0) + count;
      pictures[index] = (pictures[index] ?? 0) + 1;
    }
  }
  const classes = names.map((name, i) => ({ name, count: total[i] ?? 0, pictures: pictures[i] ?? 0 }));
  return { unit, classes, counts, bad };
}
