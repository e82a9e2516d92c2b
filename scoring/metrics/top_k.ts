/** Top-1 and top-5 accuracy: see evaluation/top_k. */
import { z } from 'zod';
import { defineClassificationMetric } from './define.js';

const MOST = 5;

export const topK = defineClassificationMetric({
  type: 'top-k',
  description: "top-1 and top-5 accuracy of a classifier, as mmpretrain's Accuracy",
  schema: z.strictObject({}),
  counts: z.object({
    numClasses: z.int(),
    ks: z.array(z.int()),
    pictures: z.int(),
    correct: z.array(z.int()),
  }),
  ranks: MOST,
  async create({ numClasses }) {
    const { createTopK } = await import('../../evaluation/top_k.js');
    const counter = createTopK([1, MOST], { numClasses });
    return { ...counter, add: ({ name, target, ranking }) => counter.addRanking(name, target, ranking) };
  },
  async report(result) {
    const { topKReport } = await import('../top_k_score.js');
    return topKReport(result);
  },
});
