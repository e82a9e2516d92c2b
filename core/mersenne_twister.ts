/**
 * MT19937 (Matsumoto and Nishimura, ACM TOMACS 8, 1998), which torch's generator on the CPU is: orders that
 * OpenMMLab's samplers draw from a seed can be had again.
 */

const LENGTH = 624;
const MIDDLE = 397;

/** torch's `manual_seed`. Each call gives the next 32 bits. @param seed whole; its lower 32 bits count, as there. */
export function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(LENGTH);
  state[0] = seed % 2 ** 32;
  for (let i = 1; i < LENGTH; i++) {
    const before = state[i - 1] ?? 0;
    state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
  }
  let at = LENGTH;
  return () => {
    if (at === LENGTH) {
      renew(state);
      at = 0;
    }
    let bits = state[at++] ?? 0;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  };
}

function renew(state: Uint32Array): void {
  for (let i = 0; i < LENGTH; i++) {
    const pair = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % LENGTH] ?? 0) & 0x7fffffff);
    state[i] = (state[(i + MIDDLE) % LENGTH] ?? 0) ^ (pair >>> 1) ^ (pair & 1 ? 0x9908b0df : 0);
  }
}

/**
 * torch's `randperm` on the CPU, of fewer than 2^32 / 20 numbers: 0 to `count - 1` in random order.
 * @param next 32 bits a call.
 */
export function randomPermutation(next: () => number, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < count - 1; i++) {
    const other = i + (next() % (count - i));
    [order[i], order[other]] = [order[other] ?? 0, order[i] ?? 0];
  }
  return order;
}
