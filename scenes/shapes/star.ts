import { angle, cosine, sine, smoothstep } from '../arithmetic.js';
import type { MakeShape } from '../shape.js';

/** Four to eight points, each of two facets that rise to the middle, or a pillow of the same outline. */
export const star: MakeShape = (dice) => {
  const points = dice.pick([4, 5, 5, 5, 6, 7, 8]);
  const inner = dice.between(0.36, 0.58);
  const rounding = dice.between(0, 0.1);
  const slope = dice.between(0.35, 1);
  const pillow = dice.chance(0.4);
  const rim = dice.chance(0.4) ? dice.between(0.05, 0.12) : 0;
  // Of one point, folded at its axis: the edge from the tip to the notch, and its outward direction.
  const tip = 1 - rounding;
  const half = 0.5 / points;
  const notchX = inner * tip * cosine(half);
  const notchY = inner * tip * sine(half);
  const length = Math.sqrt((tip - notchX) * (tip - notchX) + notchY * notchY);
  const edgeX = notchY / length;
  const edgeY = (tip - notchX) / length;

  const folded = { x: 0, y: 0, sector: 0, mirrored: 1 };
  const fold = (u: number, v: number) => {
    const turns = angle(u, v) * points;
    folded.sector = Math.floor(turns + 0.5);
    const centre = folded.sector / points;
    const c = cosine(centre);
    const s = sine(centre);
    const y = c * v - s * u;
    folded.x = c * u + s * v;
    folded.y = Math.abs(y);
    folded.mirrored = y < 0 ? -1 : 1;
  };
  return {
    reach: 1.1,
    distance: ({ u, v }) => {
      fold(u, v);
      return (folded.x - tip) * edgeX + folded.y * edgeY - rounding;
    },
    shade: ({ u, v }, surface) => {
      fold(u, v);
      const depth = rounding - (folded.x - tip) * edgeX - folded.y * edgeY;
      const centre = folded.sector / points;
      const c = cosine(centre);
      const s = sine(centre);
      const x = edgeX;
      const y = edgeY * folded.mirrored;
      const steep = pillow ? slope * 1.4 * (1 - smoothstep(0, 0.3, depth)) : slope;
      surface.nx = steep * (c * x - s * y);
      surface.ny = steep * (s * x + c * y);
      surface.trim = depth < rim ? 1 : 0;
    },
  };
};
