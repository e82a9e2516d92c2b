/**
 * What a dataset format is: a name for `--format`, how its annotations are told from others, and a reader. Definitions are
 * values, as the modules of configs are; a format's reader is imported when a dataset has that format.
 */
import type { z } from 'zod';
import type { Notes } from '../../core/notes.js';
import type {
  ClassificationDataset,
  DetectionAnnotations,
  DetectionDataset,
  SegmentationDataset,
} from '../../data/dataset.js';
import type { CommandFlag } from '../command_flag.js';
import type { FoundAnnotations } from './found_annotations.js';

/** How much something looks like a format, most first. The most alike is taken; of equals, the first of the table. */
export const LIKENESSES = ['certain', 'likely', 'possible'] as const;
export type Likeness = (typeof LIKENESSES)[number];

/** An option that one format alone takes: with another format of its task it is a mistake. */
export interface FormatFlag extends Pick<CommandFlag, 'flags' | 'choices' | 'parse' | 'expected'> {
  /** Absent where commands have the option anyway. */
  readonly description?: string;
  /** What is expected where it was given with another format: `--format TYPE` by default. */
  readonly elsewhere?: string;
  readonly hint?: string;
}

interface FormatDefinition<Type extends string, Schema extends z.ZodType> {
  /** What `--format` calls it. */
  readonly type: Type;
  /** Of the options that it alone takes; strict. */
  readonly schema: Schema;
  /** How these options are given. */
  readonly flags?: readonly FormatFlag[];
  /** A folder that holds files of this ending (`.xml`) looks like it. */
  readonly folderOf?: { readonly ending: string; readonly likeness: Likeness };
  /** Whatever else tells it. */
  readonly looksLike?: (found: FoundAnnotations) => Likeness | undefined | Promise<Likeness | undefined>;
  /** Where the format is one dataset's: its classes, which `--classes TYPE` names. */
  readonly classes?: readonly string[];
  /** Likewise, its colours: one [r, g, b] a class, 0 to 255. */
  readonly palette?: readonly (readonly number[])[];
}

export interface DetectionSource<Options> {
  /** A file or a folder. */
  readonly annotations: string;
  /** The folder of pictures. */
  readonly images: string | undefined;
  /**
   * `--classes`. A reader that does not name or number its classes takes them, in the order of their ids; of any other
   * dataset they are selected afterwards.
   */
  readonly classes: readonly string[] | undefined;
  /** A config's classes in its order, for such readers where `classes` is absent. */
  readonly known: readonly string[] | undefined;
  readonly options: Options;
  /** What an object without area means: a mistake, or the area of its box. */
  readonly missingArea: 'error' | 'box';
  /** Outlines are kept, where the format has some: see `CocoOptions`. By default the boxes around them stand for them. */
  readonly outlines?: 'kept' | undefined;
  /** Pictures may lie outside `images`. */
  readonly allowOutside: boolean | undefined;
  /** Where oddities that are taken all the same are noted. */
  readonly notes: Notes;
}

export interface DetectionFormat<Type extends string, Schema extends z.ZodType> extends FormatDefinition<Type, Schema> {
  readonly task: 'detection';
  /** Ground truth; pictures need not be there. @throws {LowformerError} for what is no annotation. */
  read(source: DetectionSource<z.output<Schema>>): Promise<DetectionAnnotations>;
  /**
   * A dataset with its pictures. Absent: `read`, and the pictures of the ids below the folder, whatever their extensions.
   * @throws {LowformerError} likewise, and for pictures that are missing.
   */
  open?(source: DetectionSource<z.output<Schema>> & { readonly images: string }): Promise<DetectionDataset>;
}

export interface SegmentationSource<Options> {
  readonly images: string;
  /** What `--annotations` names. */
  readonly labels: string;
  readonly reduceZeroLabel: boolean;
  readonly ignoreIndex: number;
  /** A config's: colours are matched to them by name. */
  readonly classes: readonly string[] | undefined;
  /** A file that names the pictures that count. */
  readonly list: string | undefined;
  /** Pictures that annotations name may lie outside `images`. */
  readonly allowOutside: boolean | undefined;
  readonly options: Options;
  readonly notes: Notes;
}

export interface SegmentationFormat<Type extends string, Schema extends z.ZodType>
  extends FormatDefinition<Type, Schema> {
  readonly task: 'segmentation';
  /** Its files name their classes: those that are asked for are found by name, and others are ignored. */
  readonly namesClasses?: true;
  /** @throws {LowformerError} for what is missing, and for pictures or label maps without counterpart. */
  open(source: SegmentationSource<z.output<Schema>>): Promise<SegmentationDataset>;
}

export interface ClassificationSource<Options> {
  readonly images: string;
  readonly annotations: string | undefined;
  readonly options: Options;
  readonly notes: Notes;
}

export interface ClassificationFormat<Type extends string, Schema extends z.ZodType>
  extends FormatDefinition<Type, Schema> {
  readonly task: 'classification';
  /** @throws {LowformerError} for what is missing. */
  open(source: ClassificationSource<z.output<Schema>>): Promise<ClassificationDataset>;
}

export const defineDetectionFormat = <const Type extends string, Schema extends z.ZodType>(
  format: Omit<DetectionFormat<Type, Schema>, 'task'>,
): DetectionFormat<Type, Schema> => ({ ...format, task: 'detection' });

export const defineSegmentationFormat = <const Type extends string, Schema extends z.ZodType>(
  format: Omit<SegmentationFormat<Type, Schema>, 'task'>,
): SegmentationFormat<Type, Schema> => ({ ...format, task: 'segmentation' });

export const defineClassificationFormat = <const Type extends string, Schema extends z.ZodType>(
  format: Omit<ClassificationFormat<Type, Schema>, 'task'>,
): ClassificationFormat<Type, Schema> => ({ ...format, task: 'classification' });
