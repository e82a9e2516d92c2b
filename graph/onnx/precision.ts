/** What a network may calculate in. Its inputs and outputs are float32 either way. */
export const PRECISIONS = ['float32', 'float16'] as const;

export type Precision = (typeof PRECISIONS)[number];
