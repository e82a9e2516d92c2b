/** Some of a table's pictures, and several tables in one. */
import { LowformerError } from '../../core/errors.js';
import type { DetectionTrainingData, SegmentationTrainingData, TrainingData } from './training_data.js';

/** mmengine's `indices`: a table of these pictures alone, in that order. */
export function picturesOf(data: TrainingData, pictures: readonly number[]): TrainingData {
  const files = pictures.map((picture) => data.files[picture] ?? '');
  if (data.kind === 'segmentation') {
    return { ...data, files, labelFiles: pictures.map((picture) => data.labelFiles[picture] ?? '') };
  }
  return assembled(
    data.name,
    pictures.map((picture) => ({ data, picture })),
  );
}

/**
 * mmengine's `ConcatDataset`: the tables behind one another.
 * @throws {LowformerError} `invalid-config` at `where` for tables whose labels mean different things.
 */
export function joined(tables: readonly TrainingData[], where: string): TrainingData {
  const name = tables.map((table) => table.name).join(', ');
  const detection = tables.filter((table) => table.kind === 'detection');
  if (detection.length === tables.length) {
    return assembled(
      name,
      detection.flatMap((data) => data.files.map((_, picture) => ({ data, picture }))),
    );
  }
  const [first, ...others] = tables.filter((table) => table.kind === 'segmentation');
  if (first === undefined || !others.every((other) => saysTheSame(first, other))) {
    const expected = 'data sets with the same reduce_zero_label and ignore_index';
    throw new LowformerError({ code: 'invalid-config', where, expected });
  }
  const all = [first, ...others];
  return {
    ...first,
    name,
    files: all.flatMap(({ files }) => files),
    labelFiles: all.flatMap(({ labelFiles }) => labelFiles),
  };
}

function saysTheSame(a: SegmentationTrainingData, b: SegmentationTrainingData): boolean {
  return (
    a.reduceZeroLabel === b.reduceZeroLabel &&
    a.ignoreIndex === b.ignoreIndex &&
    a.colors === b.colors &&
    a.labelMap === b.labelMap
  );
}

interface Place {
  readonly data: DetectionTrainingData;
  readonly picture: number;
}

function assembled(name: string, places: readonly Place[]): DetectionTrainingData {
  const spans = places.map(({ data, picture }) => {
    return { data, first: data.offsets[picture] ?? 0, end: data.offsets[picture + 1] ?? 0 };
  });
  const objects = spans.reduce((sum, { first, end }) => sum + end - first, 0);
  const table: DetectionTrainingData = {
    kind: 'detection',
    name,
    files: places.map(({ data, picture }) => data.files[picture] ?? ''),
    sizes: new Uint32Array(new SharedArrayBuffer(8 * places.length)),
    offsets: new Uint32Array(new SharedArrayBuffer(4 * (places.length + 1))),
    boxes: new Float32Array(new SharedArrayBuffer(16 * objects)),
    labels: new Int32Array(new SharedArrayBuffer(4 * objects)),
    ignored: new Uint8Array(new SharedArrayBuffer(objects)),
  };
  let at = 0;
  spans.forEach(({ data, first, end }, i) => {
    const picture = places[i]?.picture ?? 0;
    table.sizes.set(data.sizes.subarray(2 * picture, 2 * picture + 2), 2 * i);
    table.boxes.set(data.boxes.subarray(4 * first, 4 * end), 4 * at);
    table.labels.set(data.labels.subarray(first, end), at);
    table.ignored.set(data.ignored.subarray(first, end), at);
    at += end - first;
    table.offsets[i + 1] = at;
  });
  return table;
}
