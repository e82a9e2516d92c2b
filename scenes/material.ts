import { blend, type Colour, type SceneColours, twoColours } from './colours.js';
import type { Dice } from './dice.js';
import type { Noise } from './noise.js';
import { type Pattern, somePattern } from './patterns.js';

/** What a shape is made of. */
export interface Material {
  /** The pattern runs from the first of the colours to the second; trim has the third. */
  readonly colours: readonly [Colour, Colour, Colour];
  readonly paper: Colour;
  readonly pattern: Pattern;
  /** What the lamp's mirror image adds, 0 to 1. */
  readonly gloss: number;
  /** How often the mirror image is squared: 2 wide and dull, 5 small and sharp. */
  readonly sharpness: number;
  /** Depth and fineness of its unevenness. */
  readonly bump: number;
  readonly grain: number;
  /** How much lighter and darker it is from place to place. */
  readonly mottle: number;
}

/** @param own the colour of the thing itself; without it, one of the scene's, as ground and clutter have them. */
export function someMaterial(colours: SceneColours, dice: Dice, noise: Noise, own?: Colour): Material {
  const [some, trim] = twoColours(colours, dice);
  const first = own ?? some;
  const strange = dice.chance(own === undefined ? 0.5 : 0.2);
  const second = strange
    ? twoColours(colours, dice)[1]
    : blend(first, trim, dice.between(0.2, own === undefined ? 0.7 : 0.4));
  return {
    colours: [first, second, trim],
    paper: [dice.between(0.8, 0.95), dice.between(0.78, 0.92), dice.between(0.68, 0.88)],
    pattern: somePattern(dice, noise),
    gloss: dice.chance(0.5) ? dice.between(0.15, 0.8) : dice.between(0, 0.12),
    sharpness: dice.whole(2, 5),
    bump: dice.chance(0.6) ? dice.between(0.1, 0.7) : 0,
    grain: dice.scale(4, 16),
    mottle: dice.between(0.1, 0.45),
  };
}
