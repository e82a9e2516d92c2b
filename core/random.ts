/** Numbers that look random and are the same at every run. */

/** The 32-bit form of SplitMix (Steele, Lea, Flood, OOPSLA 2014): 0 to 1, 1 excluded. One seed, one sequence. */
export function splitMix(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let bits = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
  };
}
