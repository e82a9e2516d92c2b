import { angle, clamp, fraction, smoothstep } from '../arithmetic.js';
import type { MakeShape } from '../shape.js';

/** Teeth around a plate with a hole for the axle; spokes with gaps between, through which one sees what lies below. */
export const gear: MakeShape = (dice) => {
  const teeth = dice.whole(7, 16);
  const root = dice.between(0.72, 0.84);
  const slant = dice.between(2.5, 6);
  const share = dice.between(0.42, 0.56);
  const hole = dice.between(0.1, 0.24);
  const hub = hole + dice.between(0.08, 0.16);
  const spokes = dice.chance(0.55) ? dice.whole(3, 6) : 0;
  const rim = root - dice.between(0.1, 0.2);
  const bar = dice.between(0.06, 0.1);
  const raised = dice.between(0.02, 0.06);

  const place = { radius: 0, turns: 0 };
  const locate = (u: number, v: number) => {
    place.radius = Math.sqrt(u * u + v * v);
    place.turns = angle(u, v);
  };
  const outer = () => {
    const across = Math.abs(fraction(place.turns * teeth) - 0.5);
    return place.radius - root - (1 - root) * clamp((share / 2 - across) * slant + 0.5, 0, 1);
  };
  /** How far a gap between spokes is from the place: negative in it. */
  const gap = () => {
    if (spokes === 0) return 1;
    const across = Math.abs(fraction(place.turns * spokes) - 0.5) / spokes;
    return Math.max(place.radius - rim, hub - place.radius, bar - across * 6.283 * place.radius);
  };
  return {
    reach: 1.1,
    distance: ({ u, v }) => {
      locate(u, v);
      return Math.max(outer(), hole - place.radius, -gap());
    },
    shade: ({ u, v }, surface) => {
      locate(u, v);
      const x = u / (place.radius + 1e-6);
      const y = v / (place.radius + 1e-6);
      const edge = Math.max(outer(), -gap());
      // Edges are broken, around the hole inwards.
      const tilt = 0.9 * smoothstep(-0.07, -0.01, edge) - 0.9 * smoothstep(hole + 0.06, hole + 0.01, place.radius);
      const groove = Math.abs(place.radius - rim) < raised ? (place.radius < rim ? 0.6 : -0.6) : 0;
      surface.nx = x * (tilt + groove);
      surface.ny = y * (tilt + groove);
      surface.trim = place.radius < hub ? 1 : 0;
      surface.shade = 0.9 + 0.1 * fraction(place.radius * 14);
    },
  };
};
