/** What is said of a sheet: its heading, its legend, its JSON. */
import type { LowformerError } from '../../core/errors.js';
import type { SheetPicture } from '../../drawing/contact_sheet.js';
import type { LegendEntry } from '../../drawing/legend.js';
import { counted } from './annotated_thumbnail.js';
import type { OpenedDataset } from './open_dataset.js';
import type { Survey } from './survey.js';

/** One picture of a sheet. */
export interface ShownPicture {
  readonly position: number;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly sheet: SheetPicture;
}

/** The sheet's first line. */
export function headingOf(
  { dataset }: OpenedDataset,
  { unit, classes }: Survey,
  shown: number,
  { only, predictions }: { readonly only: readonly string[]; readonly predictions: string | undefined },
): string {
  const total = classes.reduce((sum, { count }) => sum + count, 0);
  const what = unit === 'objects' ? `, ${counted(total, 'object', 'objects')}` : '';
  const key = { objects: '; hatched: crowd or difficult', pixels: '; hatched: ignored', pictures: '' }[unit];
  const pictures = `${shown} of ${counted(dataset.samples.length, 'picture', 'pictures')}`;
  const filter = only.length === 0 ? '' : `; only ${only.join(', ')}`;
  const sides = predictions === undefined ? '' : `; left: annotations, right: ${predictions}`;
  return `${dataset.name}: ${pictures}${what}${key}${filter}${sides}`;
}

/** Most first; classes that nothing shows stand at the end, unless they have no name of their own either. */
export async function legendOf({ dataset, palette }: OpenedDataset, { unit, classes }: Survey): Promise<LegendEntry[]> {
  const { classColour } = await import('../../drawing/palette.js');
  const total = classes.reduce((sum, { count }) => sum + count, 0);
  const named = dataset.kind !== 'segmentation' || dataset.classes !== undefined;
  return classes
    .map((entry, classIndex) => ({ ...entry, classIndex, colour: classColour(classIndex, palette) }))
    .filter(({ count }) => named || count > 0)
    .toSorted((a, b) => b.count - a.count)
    .map(({ name, classIndex, count, colour }) => ({
      name,
      classIndex,
      colour,
      share: unit === 'pixels' ? percent(count, total) : `${count}`,
    }));
}

/** `34.1 %`; what rounds to nothing is not called nothing. */
function percent(count: number, total: number): string {
  if (count === 0) return '0';
  const share = (100 * count) / total;
  return share < 0.05 ? '<0.1 %' : `${share.toFixed(1)} %`;
}

/** What `--json` says of a sheet. */
export function recordOf(
  { dataset, format }: OpenedDataset,
  { unit, classes, counts }: Survey,
  shown: readonly ShownPicture[],
  bad: readonly LowformerError[],
  { out, seed }: { readonly out: string; readonly seed: number },
) {
  const named = (own: ReadonlyMap<number, number>) =>
    [...own]
      .sort(([a], [b]) => a - b)
      .map(([index, count]) => ({
        class: classes[index]?.name ?? '',
        ...(unit === 'pictures' ? {} : { [unit]: count }),
      }));
  return {
    annotations: dataset.name,
    format,
    out,
    seed,
    total_pictures: dataset.samples.length,
    classes: classes.map(({ name, count, pictures }) => ({ name, [unit]: count, pictures })),
    pictures: shown.map(({ position, file, width, height }) => ({
      file,
      width,
      height,
      classes: named(counts[position] ?? new Map()),
    })),
    bad: bad.map(({ message }) => message),
  };
}
