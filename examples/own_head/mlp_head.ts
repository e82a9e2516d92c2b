/** A head of one's own: mean over all pixels, a hidden layer, and one output a class. */
import { decodeClassification, defineClassificationHead, HEADS, z } from 'lowformer';

const mlpHead = defineClassificationHead({
  type: 'MlpHead',
  // The keys beside `type` that a config may have. Another one is an error that names the nearest.
  schema: z.strictObject({ num_classes: z.int().positive(), hidden: z.int().positive().default(256) }),
  testSchema: z.strictObject({}).prefault({}),
  // Its last layer has a row for each class: weights of another data set do not fit there.
  checkpoint: { classLayers: ['fc2'] },

  /** The coarsest map [N, C, H, W] -> `logits` [N, num_classes]. Parameters are `head.fc1.weight` and so on. */
  build(g, [finest, ...coarser], { num_classes, hidden }) {
    const { value } = coarser.at(-1) ?? finest;
    const pooled = g.emit('globalAveragePool', [value], {});
    const inner = g.relu(g.scope('fc1').linear(pooled, { out: hidden }));
    return [{ name: 'logits', value: g.scope('fc2').linear(inner, { out: num_classes }) }];
  },
  numClasses: ({ num_classes }) => num_classes,
  decoder: ({ num_classes }) => decodeClassification('MlpHead', num_classes),
});

// Known to the types of configs …
declare module 'lowformer' {
  interface RegisteredHeads {
    readonly MlpHead: typeof mlpHead;
  }
}
// … and to the program.
HEADS.register(mlpHead);
