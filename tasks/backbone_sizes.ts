/** What a backbone's parameters would be in each of its published sizes, for whoever has a file that does not fit. */
import type { z } from 'zod';
import type { PartSize } from '../core/checkpoint_facts.js';
import { LowformerError } from '../core/errors.js';
import { graphBuilder } from '../graph/builder.js';
import type { BackboneDefinition } from '../registry/define.js';

/**
 * The sizes that the definition names, everything else as in `config`; where that has what a named size may not say (widths
 * of its own), by the name alone. Sizes that cannot be built so are left out.
 * @param config what the schema made of the backbone's config.
 */
export function backboneSizes(
  { checkpoint, schema, build, sizeDivisor = 1 }: BackboneDefinition<string, z.ZodType>,
  config: unknown,
): readonly PartSize[] {
  const given = typeof config === 'object' && config !== null ? config : {};
  return Object.entries(checkpoint?.sizes ?? {}).flatMap(([key, values]) =>
    values.flatMap((value) => {
      const trees = [{ ...given, [key]: value }, { [key]: value }];
      const parsed = trees.map((tree) => schema.safeParse(tree)).find(({ success }) => success);
      if (parsed === undefined) return [];
      const g = graphBuilder();
      try {
        const features = build(g, g.input('input', 3, sizeDivisor), parsed.data);
        const { parameters } = g.finish(features.map((feature, i) => ({ name: `c${i}`, value: feature.value })));
        return [{ key, value, parameters: [...parameters.values()] }];
      } catch (error) {
        if (error instanceof LowformerError) return [];
        throw error;
      }
    }),
  );
}
