/** What OpenMMLab's checkpoints say of the classes that they were trained on. */

import { z } from 'zod';
import { parsedJson } from '../core/parsed_json.js';
import type { PickleMap, PickleValue } from './pickle_value.js';

/** Of the data set: in the order of the network's outputs. */
export interface DatasetMeta {
  readonly classes: readonly string[];
  /** [r, g, b] of each class; undefined where the file has none, or one of another length. */
  readonly palette: readonly (readonly number[])[] | undefined;
}

/**
 * `meta.dataset_meta` of mmengine (mmdet 3, mmseg 1, mmpretrain 1), whose keys were once in capitals; else `meta.CLASSES` and
 * `meta.PALETTE` of the versions before. undefined where the file has neither.
 */
export function datasetMeta(file: PickleValue): DatasetMeta | undefined {
  const meta = file instanceof Map ? file.get('meta') : undefined;
  if (!(meta instanceof Map)) return undefined;
  const own = meta.get('dataset_meta');
  const found = own instanceof Map ? own : meta;
  const names = lookUp(found, 'classes');
  // A single class, whose name was written without the comma of a tuple.
  const classes = typeof names === 'string' ? [names] : textsOf(names);
  if (classes === undefined || classes.length === 0) return undefined;
  const colours = coloursOf(lookUp(found, 'palette'));
  return { classes, palette: colours?.length === classes.length ? colours : undefined };
}

/** The text under which the classes stand in a safetensors file's metadata, as JSON: mmengine's name for them. */
export const DATASET_META = 'dataset_meta';

const textSchema = z.object({
  classes: z.array(z.string()).min(1),
  palette: z
    .array(z.array(z.int().min(0).max(255)).length(3))
    .optional()
    .catch(undefined),
});

/** The same of a safetensors file, whose metadata are texts. undefined where they say nothing of classes. */
export function datasetMetaOfText(metadata: Readonly<Record<string, string>>): DatasetMeta | undefined {
  const text = Object.hasOwn(metadata, DATASET_META) ? metadata[DATASET_META] : undefined;
  const { success, data } = textSchema.safeParse(text === undefined ? undefined : parsedJson(text));
  if (!success) return undefined;
  const { classes, palette } = data;
  return { classes, palette: palette?.length === classes.length ? palette : undefined };
}

function lookUp(map: PickleMap, key: string): PickleValue | undefined {
  return map.get(key) ?? map.get(key.toUpperCase());
}

function textsOf(value: PickleValue | undefined): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((item) => typeof item === 'string');
  return texts.length === value.length ? texts : undefined;
}

function coloursOf(value: PickleValue | undefined): readonly (readonly number[])[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const colours = value.flatMap((item) => {
    const channels = Array.isArray(item) ? item.filter((channel) => isByte(channel)) : [];
    return channels.length === 3 && Array.isArray(item) && item.length === 3 ? [channels] : [];
  });
  return colours.length === value.length ? colours : undefined;
}

function isByte(value: PickleValue): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255;
}
