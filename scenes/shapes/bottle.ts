import { clamp, mix, smoothstep, triangleWave } from '../arithmetic.js';
import { type MakeShape, roundSurface } from '../shape.js';

/** Turned on a lathe: a cap, a neck, shoulders and a body, with a label around it or without. */
export const bottle: MakeShape = (dice) => {
  const body = dice.between(0.27, 0.46);
  const neck = body * dice.between(0.25, 0.5);
  const cap = neck * dice.between(1.05, 1.45);
  const capEnd = dice.between(-0.92, -0.78);
  const neckEnd = capEnd + dice.between(0.08, 0.45);
  const shoulderEnd = neckEnd + dice.between(0.12, 0.5);
  const waist = dice.chance(0.4) ? dice.between(0.05, 0.18) : 0;
  const foot = dice.between(0.04, 0.16);
  const [labelStart, labelEnd] = [
    mix(shoulderEnd, 0.9, dice.between(0.1, 0.35)),
    mix(shoulderEnd, 0.9, dice.between(0.6, 0.9)),
  ];
  const label = dice.pick(['trim', 'trim', 'paper', 'none']);
  const level = dice.chance(0.5) ? dice.between(neckEnd, shoulderEnd + 0.5) : -2;

  const width = (v: number) => {
    if (v < capEnd) return cap;
    const shoulder = smoothstep(neckEnd, shoulderEnd, v);
    const t = clamp((v - shoulderEnd) / (0.95 - shoulderEnd), 0, 1);
    const round = clamp((v - 1 + foot) / foot, 0, 1);
    return mix(neck, body, shoulder) * (1 - waist * 4 * t * (1 - t)) - foot * (1 - Math.sqrt(1 - round * round));
  };
  return {
    reach: 1.1,
    distance: ({ u, v }) => Math.max((Math.abs(u) - width(v)) * 0.9, Math.abs(v) - 1),
    shade: ({ u, v }, surface) => {
      const across = u / width(v);
      roundSurface(surface, across, 1, 0);
      // Shoulders look up, the foot looks down.
      surface.ny = v < shoulderEnd && v > neckEnd ? -0.6 * surface.nz : v > 1 - foot ? 0.5 : 0;
      surface.pu = u * (1 + 0.4 * across * across);
      if (v < capEnd) {
        surface.trim = 1;
        surface.shade = 0.8 + 0.2 * triangleWave(across * 6);
        return;
      }
      if (label !== 'none' && v > labelStart && v < labelEnd) {
        const edge = Math.min(v - labelStart, labelEnd - v) < 0.03;
        const text = triangleWave((v - labelStart) * 9) > 0.7 && Math.abs(across) < 0.6 && !edge;
        if (label === 'paper') surface.paper = 1;
        else surface.trim = 1;
        surface.shade = edge ? 0.7 : text ? 0.45 : 1;
        return;
      }
      // Thick glass is darker at the sides, and above what it holds it is lighter.
      surface.shade = mix(v < level ? 1.25 : 1, 0.7, across * across * across * across);
    },
  };
};
