import { mix, smoothstep, triangleWave } from '../arithmetic.js';
import { type MakeShape, roundSurface } from '../shape.js';

/** A cup from the side and a little from above: a body, an open rim, something in it, and a handle on one side. */
export const mug: MakeShape = (dice) => {
  const top = dice.between(0.5, 0.66);
  const bottom = top * dice.between(0.72, 1.05);
  const height = dice.between(0.55, 0.85);
  const tilt = dice.between(0.12, 0.42) * top;
  const side = dice.chance(0.5) ? 1 : -1;
  const handleWidth = dice.between(0.22, 0.36);
  const handleHeight = height * dice.between(0.42, 0.65);
  const thickness = dice.between(0.06, 0.1);
  const handleY = dice.between(-0.05, 0.15);
  const filled = dice.chance(0.6);
  const bands = dice.pick([0, 0, 1, 2]);
  const bandY = dice.between(-0.3, 0.5) * height;
  const bandWidth = dice.between(0.05, 0.2);

  const width = (v: number) => mix(top, bottom, (v + height) / (2 * height));
  const handleCentre = width(handleY) + handleWidth * 0.25;
  const rim = (u: number, v: number) => {
    const a = u / top;
    const b = (v + height) / tilt;
    return Math.sqrt(a * a + b * b);
  };
  const body = (u: number, v: number) => {
    const across = u / bottom;
    const bulge = across * across < 1 ? Math.sqrt(1 - across * across) : 0;
    return Math.max(Math.abs(u) - width(v), v - height - tilt * 0.7 * (bulge - 0.3), -height - v);
  };
  const handle = (u: number, v: number) => {
    const a = (u * side - handleCentre) / handleWidth;
    const b = (v - handleY) / handleHeight;
    return Math.sqrt(a * a + b * b) - 1;
  };
  const inner = Math.min(handleWidth, handleHeight);

  return {
    reach: 1.35,
    distance: ({ u, v }) => Math.min(body(u, v), (rim(u, v) - 1) * tilt, Math.abs(handle(u, v)) * inner - thickness),
    shade: ({ u, v }, surface) => {
      const ring = rim(u, v);
      if (ring < 1) {
        if (ring > 0.87) {
          surface.ny = -0.7;
          surface.shade = 1.05;
          return;
        }
        // The hollow: its far wall, and what it holds.
        const level = (v + height) / tilt;
        roundSurface(surface, -u / top, 1, 0);
        surface.shade = mix(0.75, 0.4, smoothstep(-0.6, 0.5, level));
        surface.trim = filled ? smoothstep(-0.25, -0.2, level - 0.3 * ring) : 0;
        return;
      }
      if (body(u, v) < 0) {
        const across = u / width(v);
        roundSurface(surface, across, 1, 0);
        surface.pu = u * (1 + 0.35 * across * across);
        const y = v + height - tilt * Math.sqrt(Math.max(1 - across * across, 0)) - height - bandY;
        surface.trim =
          bands === 0
            ? 0
            : bands === 1
              ? 1 - smoothstep(bandWidth - 0.02, bandWidth + 0.02, Math.abs(y))
              : smoothstep(0.4, 0.6, triangleWave(y * 4)) * (Math.abs(y) < 0.26 ? 1 : 0);
        surface.shade = mix(0.72, 1, smoothstep(height + tilt * 0.3, height - 0.2, v));
        return;
      }
      roundSurface(surface, (handle(u, v) * inner) / thickness, (u * side > handleCentre ? 1 : -1) * 0.7 * side, 0.7);
      surface.shade = u * side < handleCentre ? 0.75 : 1;
    },
  };
};
