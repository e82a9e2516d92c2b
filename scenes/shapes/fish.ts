import { clamp, fraction, smoothstep, triangleWave } from '../arithmetic.js';
import type { MakeShape } from '../shape.js';

/** Nose to the left, bent as in swimming: body, tail, fins, an eye, and scales or not. */
export const fish: MakeShape = (dice) => {
  const bend = dice.between(-0.3, 0.3);
  const height = dice.between(0.26, 0.5);
  const tailStart = dice.between(0.42, 0.55);
  const spread = dice.between(0.7, 1.3);
  const notch = dice.between(0.1, 0.35);
  const dorsal = { middle: dice.between(-0.25, 0.1), width: dice.between(0.25, 0.5), height: dice.between(0.12, 0.35) };
  const belly = { middle: dice.between(-0.2, 0.2), width: dice.between(0.12, 0.25), height: dice.between(0.1, 0.25) };
  const scales = dice.chance(0.6) ? dice.between(7, 13) : 0;
  const stripes = dice.chance(0.35) ? dice.between(2, 5) : 0;
  const eye = dice.between(0.05, 0.085);
  const pale = dice.chance(0.5);

  const bodyHeight = (u: number) => {
    const t = clamp((u + 0.95) / (tailStart + 1.15), 0, 1);
    return height * 2.55 * Math.sqrt(t) * (1 - t);
  };
  const hump = (u: number, { middle, width, height: most }: typeof dorsal) => {
    const t = (u - middle) / width;
    return t * t < 1 ? most * (1 - t * t) * (0.7 + 0.3 * t) : 0;
  };
  const centre = (v: number, u: number) => v - bend * (u * u - 0.3);
  const tail = (u: number, y: number) => {
    const back = 1 - notch * (1 - clamp(Math.abs(y) / (spread * 0.4), 0, 1));
    return Math.max(Math.abs(y) - 0.05 - (u - tailStart) * spread, u - back, tailStart - 0.12 - u);
  };
  const body = (u: number, y: number) => (u < -0.95 ? -0.95 - u + Math.abs(y) : (Math.abs(y) - bodyHeight(u)) * 0.75);
  const fins = (u: number, y: number) => {
    const fin = y < 0 ? hump(u, dorsal) : hump(u, belly);
    return fin === 0 ? 1 : (Math.abs(y) - bodyHeight(u) - fin) * 0.6;
  };
  return {
    reach: 1.25,
    distance: ({ u, v }) => {
      const y = centre(v, u);
      return Math.min(body(u, y), tail(u, y), fins(u, y));
    },
    shade: ({ u, v }, surface) => {
      const y = centre(v, u);
      if (body(u, y) > 0) {
        // Rays of a fin.
        const ray = triangleWave(u > tailStart ? (y / (u - tailStart + 0.2)) * 4 : (u + 0.3 * Math.abs(y)) * 12);
        surface.nz = 1;
        surface.ny = 0.5 * (ray - 0.5);
        surface.trim = 1;
        surface.shade = 0.65 + 0.35 * ray;
        return;
      }
      const across = clamp(y / (bodyHeight(u) + 1e-6), -0.97, 0.97);
      surface.ny = across;
      surface.nz = Math.sqrt(1 - across * across);
      surface.nx = u < -0.6 ? -0.4 : 0;
      surface.paper = pale ? 0.6 * smoothstep(0.1, 0.7, across) : 0;
      const ex = u + 0.68;
      const ey = y + bodyHeight(-0.68) * 0.3;
      const fromEye = Math.sqrt(ex * ex + ey * ey);
      if (fromEye < eye) {
        surface.paper = 1;
        surface.shade = fromEye < eye * 0.6 ? 0.1 : 1;
        return;
      }
      const gill = Math.sqrt((u + 0.78) * (u + 0.78) + y * y) - 0.32;
      if (Math.abs(gill) < 0.018 || (u < -0.78 && Math.abs(y - 0.04) < 0.014)) surface.shade = 0.45;
      if (gill < 0) return;
      if (scales > 0) {
        const row = Math.floor(y * scales);
        const x = fraction(u * scales * 0.8 + (row & 1) * 0.5);
        const z = fraction(y * scales) - 0.5;
        const arc = Math.sqrt((x - 0.4) * (x - 0.4) + z * z);
        surface.shade = 1 - 0.35 * smoothstep(0.32, 0.5, arc);
        surface.nx += (x - 0.5) * 0.5;
      }
      if (stripes > 0) surface.trim = smoothstep(0.5, 0.6, triangleWave(u * stripes + 0.15 * across));
    },
  };
};
