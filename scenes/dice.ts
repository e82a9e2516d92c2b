import { splitMix } from '../core/random.js';

/** Choices that follow from a seed alone. */
export interface Dice {
  /** 0 to 1, 1 excluded. */
  roll(): number;
  between(low: number, high: number): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  /** Equal factors are equally likely: as many from 10 to 20 as from 20 to 40. */
  scale(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<Value>(values: readonly [Value, ...Value[]]): Value;
}

const ALL_BITS = 0x1_0000_0000;

/** The 32 bits of a number from 0 to 1. */
function bitsOf(value: number): number {
  return Math.floor(value * ALL_BITS);
}

/** @param seed any whole number; those beyond 32 bits count in full. */
export function createDice(seed: number): Dice {
  const random = splitMix(seed ^ bitsOf(splitMix(Math.floor(seed / ALL_BITS))()));
  const between = (low: number, high: number) => low + (high - low) * random();
  const whole = (low: number, high: number) => low + Math.floor((high - low + 1) * random());
  return {
    roll: random,
    between,
    whole,
    scale: (low, high) => {
      // The square of an even spread of square roots, half way to a logarithm's, which machines round differently.
      const root = between(Math.sqrt(Math.sqrt(low)), Math.sqrt(Math.sqrt(high)));
      return root * root * root * root;
    },
    chance: (probability) => random() < probability,
    pick: (values) => values[Math.floor(values.length * random())] ?? values[0],
  };
}

/** The dice of one picture of a series: as they are for every count of pictures. */
export function pictureDice(seed: number, picture: number): Dice {
  const series = createDice(seed);
  const first = bitsOf(series.roll());
  return createDice(Math.imul(picture + 1, 0xc2b2ae35) ^ first);
}
