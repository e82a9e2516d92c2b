/** Share of the positions taken for objects before training: Focal Loss (arXiv 1708.02002), section 4.1. */
const PRIOR = 0.01;

/**
 * The start of a dense head's classifier: its biases say that every class is there with a probability of 0.01, so that
 * the many positions without an object do not drown the loss.
 * @param layer the classifier's name in the head: `retina_cls`.
 * @returns a definition's `checkpoint.initial`.
 */
export const startsRare =
  (layer: string) =>
  (name: string): number | undefined =>
    name === `${layer}.bias` ? -Math.log((1 - PRIOR) / PRIOR) : undefined;
