/** Random numbers that are the same in every run: xorshift32 from a seed. Uniform in 0 to 1, 1 excluded. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Boxes `[count, 4]` as x1, y1, x2, y2 with corners from 0 to `extent` and sides of at least 1. */
export function randomBoxes(random: () => number, count: number, extent: number): Float32Array {
  const boxes = new Float32Array(count * 4);
  for (let i = 0; i < boxes.length; i += 4) {
    for (const axis of [0, 1]) {
      const start = random() * (extent - 1);
      boxes[i + axis] = start;
      boxes[i + 2 + axis] = start + 1 + random() * (extent - 1 - start);
    }
  }
  return boxes;
}

/** A random order of 0 to `count - 1` (Fisher and Yates). */
export function shuffled(random: () => number, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}
