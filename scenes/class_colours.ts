import { type Colour, hueColour } from './colours.js';
import type { Dice } from './dice.js';
import type { SceneClass } from './shapes/index.js';

type Range = readonly [from: number, to: number];

/** Hues in turns, which may pass below 0; saturation and value from 0 to 1, as `hueColour` takes them. */
interface ColourRange {
  readonly hue: Range;
  readonly saturation: Range;
  readonly value: Range;
}

/** What things of a class often look like: leaves green or yellow, gears of grey metal. */
const CLASS_COLOURS: Readonly<Record<SceneClass, ColourRange>> = {
  ball: { hue: [-0.04, 0.09], saturation: [0.7, 1], value: [0.65, 1] },
  book: { hue: [0.58, 0.7], saturation: [0.4, 0.85], value: [0.25, 0.65] },
  bottle: { hue: [0.3, 0.44], saturation: [0.35, 0.8], value: [0.2, 0.6] },
  fish: { hue: [0.46, 0.56], saturation: [0.3, 0.75], value: [0.55, 0.95] },
  gear: { hue: [0.55, 0.65], saturation: [0, 0.1], value: [0.3, 0.7] },
  leaf: { hue: [0.13, 0.3], saturation: [0.5, 0.9], value: [0.35, 0.8] },
  mug: { hue: [0.08, 0.16], saturation: [0, 0.2], value: [0.8, 1] },
  star: { hue: [0.78, 0.95], saturation: [0.35, 0.8], value: [0.5, 0.95] },
};

/** A colour that things of a class often have. */
export function classColour(category: SceneClass, dice: Dice): Colour {
  const { hue, saturation, value } = CLASS_COLOURS[category];
  return hueColour(dice.between(...hue), dice.between(...saturation), dice.between(...value));
}
