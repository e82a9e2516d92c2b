/** Formats of boxes that call classes and pictures by name: their definitions have all in common but how they look and are read. */
import { z } from 'zod';
import type { DetectionAnnotations } from '../../data/dataset.js';
import type { NamedObjectsOptions, NamedPicture } from '../../data/named_objects.js';
import { type DetectionFormat, type DetectionSource, defineDetectionFormat } from './define.js';

const NO_OPTIONS = z.strictObject({});
type NoOptions = typeof NO_OPTIONS;

type ReadNamed = (path: string, options: NamedObjectsOptions) => Promise<DetectionAnnotations<NamedPicture>>;

/** @param load imports the reader. */
export function defineNamedFormat<const Type extends string>(
  looks: Pick<DetectionFormat<Type, NoOptions>, 'type' | 'folderOf' | 'looksLike'>,
  load: () => Promise<ReadNamed>,
): DetectionFormat<Type, NoOptions> {
  const read = async ({ annotations, classes, outlines, notes }: DetectionSource<unknown>) =>
    (await load())(annotations, { classes, outlines, notes });
  return defineDetectionFormat({
    ...looks,
    schema: NO_OPTIONS,
    read,
    async open(source) {
      const { withNamedPictures } = await import('../../data/with_pictures.js');
      const { images, allowOutside, notes } = source;
      return withNamedPictures(await read(source), images, { allowOutside, notes });
    },
  });
}
