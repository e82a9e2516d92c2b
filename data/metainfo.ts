import { z } from 'zod';

/** A config's `metainfo`, in OpenMMLab's keys. Everything else that datasets put there is ignored. */
export const metaInfoSchema = z.looseObject({
  /** Class names in the order of the network's outputs. */
  classes: z.array(z.string()).min(1).readonly(),
  /** The dataset's own id of each class; `index + 1` where absent. */
  category_ids: z.array(z.int()).readonly().optional(),
  /** One [r, g, b] a class, 0 to 255. */
  palette: z
    .array(z.array(z.int().min(0).max(255)).length(3).readonly())
    .readonly()
    .optional(),
});
export type MetaInfo = z.output<typeof metaInfoSchema>;
