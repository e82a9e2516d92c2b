/**
 * What a format is that pictures' marks are written in: a name for `--format` and `--to`, what it keeps, and a writer. Writers
 * are pure: they make texts, and whoever called them puts these where they belong.
 */
import type { MarkedPicture } from './marked.js';

/** What a format may keep or lose; see `LOSSES`. */
export type Feature =
  | 'score'
  | 'crowd'
  | 'difficult'
  | 'area'
  | 'fraction'
  | 'objectId'
  | 'pictureId'
  | 'textId'
  | 'categoryId'
  | 'classOrder'
  | 'emptyPicture'
  | 'twin'
  | 'outline'
  | 'part'
  | 'ownBox'
  | 'instance'
  | 'bareBox';

/** What all pictures share. */
export interface WritingContext {
  /** In their order, which class indices count in. */
  readonly classes: readonly string[];
  /** The dataset's own number of each class. */
  readonly categoryIds: readonly number[];
  /** Of each class whether its objects are told apart, as COCO's panoptic format has it; of label maps they are not. */
  readonly things: readonly boolean[];
  /** What a model found has scores; what people annotated has none. */
  readonly kind: 'found' | 'annotated';
  /** Every picture has an id that is a whole number. */
  readonly wholeIds: boolean;
  /** Of formats of a folder: its absolute path. */
  readonly folder: string;
  /** Pictures are to lie in the folder; else the format decides whether it needs links to them. */
  readonly copyImages: boolean;
  /** The dataset's own colours: [r, g, b] of each class, 0 to 255. */
  readonly palette?: readonly (readonly number[])[] | undefined;
}

/** A piece of a file's text, behind those that came before; a whole file; or a picture that belongs in the folder. */
export type Piece =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly encode: () => Promise<Uint8Array> }
  | { readonly path: string; readonly picture: string; readonly how: 'copy' | 'link' };

/** Of formats that are one file: that file. */
export const THE_FILE = '';

export interface ExchangeWriter {
  /** Once, before the first picture. */
  begin(): readonly Piece[];
  add(picture: MarkedPicture): readonly Piece[];
  finish(): readonly Piece[];
}

/** What of the names of classes a format cannot write. */
export interface NameRules {
  /** Classes are told by name alone: two of one name would become one. */
  readonly distinct: boolean;
  /** A name is a line of a file, or is read without what stands around it. */
  readonly trimmed: boolean;
  /** XML 1.0 has no control characters. */
  readonly xml: boolean;
  /** Any other, in words. */
  readonly forbidden?: { readonly pattern: RegExp; readonly words: string };
}

export interface ExchangeFormat<Type extends string = string> {
  readonly type: Type;
  /** For the help and messages: `COCO's annotations`. */
  readonly title: string;
  /** One file with all pictures, or a folder with a file for each. */
  readonly shape: 'file' | 'folder';
  readonly keeps: ReadonlySet<Feature>;
  /** It holds nothing without a score: it cannot hold annotations. */
  readonly needsScores?: true;
  /**
   * It holds label maps: `runs` as the pixels of each class, `polygons` as outlines of each class together, `regions` as an outline of
   * each region. Absent: boxes alone.
   */
  readonly shapes?: 'runs' | 'polygons' | 'regions';
  /** It has no boxes: of what a detector finds it holds nothing. */
  readonly boxes?: false;
  /** It is label maps, pixel for pixel: pictures come with `labels`. */
  readonly labelMaps?: true;
  /** A pixel is of one object at most: pictures come with runs that share none. */
  readonly disjoint?: true;
  /** It is one dataset's: it holds these classes in this order, and no others. */
  readonly classes?: readonly string[];
  /** It says where the pictures are, or links to them: they have to be known. */
  readonly needsPictures?: true;
  readonly names: NameRules;
  open(context: WritingContext): ExchangeWriter;
}

export const defineExchangeFormat = <const Type extends string>(
  format: Omit<ExchangeFormat<Type>, 'keeps'> & { readonly keeps: readonly Feature[] },
): ExchangeFormat<Type> => ({ ...format, keeps: new Set(format.keeps) });
