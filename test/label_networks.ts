/** A network that does nothing but make a label map of scores, and scores for it. */
import { type Tensor, tensor } from '../core/tensor.js';
import { graphBuilder } from '../graph/builder.js';
import type { Network } from '../graph/graph.js';
import { seededRandom } from './random.js';
import { formulaNetwork } from './run_network.js';

/** Inputs `input`, of which the size counts, `scores`, and those of `labelSizes`. */
export function labelsNetwork(classes: number, alignCorners: boolean): Network {
  const g = graphBuilder();
  const [input, scores] = [g.input('input', 3), g.input('scores', classes)];
  const sizes = ['seen_rows', 'seen_columns', 'rows', 'columns'].map((name) => g.input(name, 1));
  const value = g.emit('bestClasses', [scores, input, ...sizes], { alignCorners });
  return formulaNetwork(g.finish([{ name: 'labels', value }]));
}

/** [n, classes, h, w]: slopes between random corners, with noise, as a head's scores are. */
export function smoothScores(n: number, classes: number, h: number, w: number): Tensor {
  const random = seededRandom(classes);
  const data = new Float32Array(n * classes * h * w);
  for (let map = 0, at = 0; map < n * classes; map++) {
    const [a, b, c, d] = [0, 1, 2, 3].map(() => 6 * random());
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++, at++) {
        const [down, across] = [y / (h - 1), x / (w - 1)];
        const upper = (a ?? 0) * (1 - across) + (b ?? 0) * across;
        const lower = (c ?? 0) * (1 - across) + (d ?? 0) * across;
        data[at] = upper * (1 - down) + lower * down + random();
      }
    }
  }
  return tensor([n, classes, h, w], data);
}
