/** ImageNet's layout, a folder for each class: see data/class_folders. Annotations are a file with their names, or absent. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { defineClassificationFormat } from './define.js';

export const classFolders = defineClassificationFormat({
  type: 'imagenet',
  schema: z.strictObject({}),
  async open({ images, annotations, notes }) {
    const { readClassFolders } = await import('../../data/class_folders.js');
    const named = annotations !== undefined && resolve(annotations) !== resolve(images);
    return readClassFolders(images, named ? { names: annotations, notes } : { notes });
  },
});
