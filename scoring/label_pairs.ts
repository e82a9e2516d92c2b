/** Label PNGs of ground truth and of predictions that belong together, and how their pixels are read. */
import { LowformerError } from '../core/errors.js';
import { type ColorMap, readColorMap } from '../data/color_map.js';
import { type LabelMap, readLabels } from '../data/label_map.js';
import { type Pair, pairFiles } from '../data/pair_files.js';
import { readClassNames } from './class_names.js';

/** What the options of label PNGs say. */
export interface LabelReading {
  readonly labelMap?: readonly (readonly [from: number, to: number])[] | undefined;
  /** A file: see `readColorMap`. */
  readonly colors?: string | undefined;
  readonly labelSuffix?: string | undefined;
  readonly predictionSuffix?: string | undefined;
  readonly predictionsFrom1: boolean;
  /** A file that names the pictures that count. */
  readonly list?: string | undefined;
}

export interface LabelReader {
  readonly colors: ColorMap | undefined;
  /** Sorted by name. */
  pairs(labels: string, predictions: string): Promise<readonly Pair[]>;
  truth(file: string): Promise<LabelMap>;
  prediction(file: string): Promise<LabelMap>;
}

/** @throws {LowformerError} as `readColorMap`; what it gives throws as `pairFiles` and `readLabels`. */
export async function labelReader(reading: LabelReading): Promise<LabelReader> {
  const { labelSuffix = '.png', predictionSuffix = '.png', predictionsFrom1, list } = reading;
  const colors = reading.colors === undefined ? undefined : await readColorMap(reading.colors);
  const labelMap = reading.labelMap === undefined ? undefined : new Map(reading.labelMap);
  return {
    colors,
    pairs: (labels, predictions) =>
      pairFiles(
        { folder: labels, suffix: labelSuffix, what: 'label map' },
        { folder: predictions, suffix: predictionSuffix, what: 'prediction' },
        list,
      ),
    truth: (file) => readLabels(file, { colors, labelMap, keepsOthers: true }),
    async prediction(file) {
      const map = await readLabels(file, { colors });
      return predictionsFrom1 ? countedFromZero(map) : map;
    },
  };
}

/**
 * How many classes there are, and their names where they are known: by `--classes`, by the colours, by `--num-classes`.
 * @throws {LowformerError} where nothing tells, or where these contradict one another.
 */
export async function labelClasses(
  { classes, numClasses }: { readonly classes?: string | undefined; readonly numClasses?: number | undefined },
  colors: ColorMap | undefined,
): Promise<{ readonly names: readonly string[] | undefined; readonly numClasses: number }> {
  const names = classes === undefined ? colors?.names : await readClassNames(classes);
  const count = numClasses ?? names?.length;
  if (count === undefined) {
    const expected = 'the number of classes, by this option, --classes or --colors,';
    throw new LowformerError({ code: 'invalid-argument', where: '--num-classes', expected, hint: 'All are missing.' });
  }
  if (names === undefined || names.length === count) return { names, numClasses: count };
  if (classes === undefined) return { names: names.slice(0, count), numClasses: count };
  const expected = `the names of ${count} classes (--num-classes)`;
  throw new LowformerError({ code: 'invalid-argument', where: '--classes', expected, received: names.length });
}

/** 0 becomes a label that no class has: it may stand where nothing is scored. */
function countedFromZero({ width, height, labels }: LabelMap): LabelMap {
  return { width, height, labels: Uint16Array.from(labels, (label) => (label === 0 ? 65535 : label - 1)) };
}
