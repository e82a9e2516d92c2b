/** Where pictures lie, and where what is made of them goes. */
import { relative, resolve } from 'node:path';
import type { Parts } from './held_out.js';

export interface Places {
  readonly images: string;
  readonly annotations: string;
  /** The run's. */
  readonly folder: string;
  readonly seed: number;
}

/** A picture's path from the folder of pictures on, with `/`. */
export function pathBelow(images: string, file: string): string {
  return relative(resolve(images), file).replaceAll('\\', '/');
}

/** A sentence about both parts. */
export function partsText({ train, validation, by }: Parts): string {
  if (by === 'same')
    return `Pictures: ${train.length}, too few to hold any out: validation is on the same, and says nothing.`;
  const how = by === 'folders' ? 'as their folders say' : 'by chance';
  return `Pictures: ${train.length} to train on, ${validation.length} held out for validation, ${how}.`;
}
