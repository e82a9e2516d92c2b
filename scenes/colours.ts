import { clamp, fraction, mix } from './arithmetic.js';
import type { Dice } from './dice.js';

/** Red, green, blue, 0 to 1, as a screen shows them. */
export type Colour = readonly [number, number, number];

/** What a scene is painted with: ground, clutter, and objects of every class. */
export type SceneColours = readonly [Colour, ...Colour[]];

/** Six to nine colours, from muted to bright, of a few related hues or of any. */
export function sceneColours(dice: Dice): SceneColours {
  const anchor = dice.roll();
  const spread = dice.pick([0.15, 0.4, 1, 1, 1]);
  const vivid = dice.between(0.15, 0.75);
  // Woods, skins and earths are orange, skies and shades blue: there are more of them than of a wheel's other hues.
  const hue = () => {
    if (dice.chance(0.25)) return dice.between(0.01, 0.13);
    if (dice.chance(0.2)) return dice.between(0.54, 0.65);
    return anchor + spread * (dice.roll() - 0.5);
  };
  const one = (): Colour =>
    hueColour(hue(), vivid * dice.between(0.15, 1.15), dice.between(0.16, 0.95) * dice.between(0.8, 1));
  return [one(), ...Array.from({ length: dice.whole(5, 8) }, one)];
}

/** One of the scene's colours, a little off. */
export function someColour(colours: SceneColours, dice: Dice): Colour {
  const [r, g, b] = dice.pick(colours);
  const level = dice.between(0.75, 1.25);
  const nudge = () => dice.between(-0.05, 0.05);
  return [
    clamp(r * level + nudge(), 0.04, 1),
    clamp(g * level + nudge(), 0.04, 1),
    clamp(b * level + nudge(), 0.04, 1),
  ];
}

/** Two of the scene's colours that can be told apart. */
export function twoColours(colours: SceneColours, dice: Dice): readonly [Colour, Colour] {
  const first = someColour(colours, dice);
  let second = someColour(colours, dice);
  for (let attempt = 0; attempt < 4 && difference(first, second) < 0.25; attempt++) second = someColour(colours, dice);
  if (difference(first, second) >= 0.25) return [first, second];
  const towards = brightness(first) > 0.5 ? 0.1 : 0.9;
  return [first, blend(first, [towards, towards, towards], 0.5)];
}

/** @param hue in turns: red, yellow, green, cyan, blue, magenta. @param saturation 0 (grey) to 1. @param value 0 to 1. */
export function hueColour(hue: number, saturation: number, value: number): Colour {
  const channel = (offset: number) => {
    const distance = Math.abs(fraction(hue + offset) * 6 - 3);
    return value * (1 - clamp(saturation, 0, 1) * (1 - clamp(distance - 1, 0, 1)));
  };
  return [channel(0), channel(2 / 3), channel(1 / 3)];
}

/** From the first at 0 to the second at 1. */
export function blend(a: Colour, b: Colour, amount: number): Colour {
  return [mix(a[0], b[0], amount), mix(a[1], b[1], amount), mix(a[2], b[2], amount)];
}

function brightness([r, g, b]: Colour): number {
  return 0.3 * r + 0.6 * g + 0.1 * b;
}

function difference(a: Colour, b: Colour): number {
  return (Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2])) / 2;
}
