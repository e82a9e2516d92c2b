import { fraction, smoothstep, triangleWave } from '../arithmetic.js';
import type { MakeShape } from '../shape.js';

/** Closed, lying or standing with two of its sides to be seen, or open at some page. */
export const book: MakeShape = (dice, noise) => (dice.chance(0.68) ? closed(dice, noise) : opened(dice, noise));

const closed: MakeShape = (dice) => {
  const a = dice.between(0.5, 0.7);
  const b = dice.between(0.72, 0.88);
  const right = dice.between(0.06, 0.26);
  const down = dice.between(0.05, 0.2);
  const length = Math.sqrt(right * right + down * down);
  const diagonal = (a * down + b * right) / length;
  const spine = dice.between(0.08, 0.16);
  const title = { y: dice.between(-0.6, 0.1), height: dice.between(0.08, 0.2), width: dice.between(0.3, 0.7) * a };
  const frame = dice.chance(0.4);
  const picture = dice.chance(0.4);
  const rough = dice.between(50, 90);
  return {
    reach: 1.35,
    distance: ({ u, v }) => {
      const x = u - right / 2;
      const y = v - down / 2;
      return Math.max(
        Math.abs(x) - a - right / 2,
        Math.abs(y) - b - down / 2,
        Math.abs(x * down - y * right) / length - diagonal,
      );
    },
    shade: ({ u, v }, surface) => {
      if (Math.abs(u) > a || Math.abs(v) > b) {
        // The block of pages between two covers, whose edges show as lines.
        const toRight = (u - a) / right > (v - b) / down;
        const depth = toRight ? (u - a) / right : (v - b) / down;
        const cover = depth < 0.1 || depth > 0.88;
        surface.nx = toRight ? 1 : 0;
        surface.ny = toRight ? 0 : 1;
        surface.nz = 0.5;
        surface.paper = cover ? 0 : 1;
        surface.shade = cover ? 0.7 : 0.72 + 0.28 * fraction(depth * rough * 0.13);
        return;
      }
      const fromSpine = u + a;
      const inTitle = Math.abs(u - 0.06) < title.width && Math.abs(v - title.y) < title.height;
      const inPicture = picture && Math.abs(u - 0.06) < 0.6 * a && v > title.y + title.height + 0.08 && v < b - 0.2;
      const margin = Math.min(a - Math.abs(u), b - Math.abs(v));
      const inFrame = frame && margin > 0.05 && margin < 0.08;
      surface.trim = fromSpine < spine || inFrame || inPicture ? 1 : 0;
      if (inTitle) {
        surface.paper = 1;
        surface.shade = fraction((v - title.y) * 11) < 0.45 && Math.abs(u - 0.06) < title.width * 0.85 ? 0.35 : 1;
      }
      // The groove beside the spine.
      if (fromSpine > spine && fromSpine < spine + 0.035) surface.shade = 0.6;
      surface.nx = fromSpine < spine ? -0.5 : 0;
    },
  };
};

const opened: MakeShape = (dice) => {
  const a = dice.between(0.8, 1);
  const b = dice.between(0.5, 0.68);
  const arch = dice.between(0.05, 0.16);
  const lines = dice.between(5, 9);
  const pictured = dice.whole(-1, 1);
  const trimmed = dice.between(0.04, 0.08);
  // Each page rises from the fold and falls to its edge.
  const rise = (u: number) => {
    const t = Math.abs(u) / a;
    return arch * (4 * t * (1 - t) + 0.4 * t);
  };
  return {
    reach: 1.35,
    distance: ({ u, v }) => Math.max(Math.abs(u) - a, Math.abs(v + rise(u)) - b),
    shade: ({ u, v }, surface) => {
      const t = Math.abs(u) / a;
      const y = v + rise(u);
      const page = u < 0 ? -1 : 1;
      surface.nx = page * (t - 0.45) * 1.3;
      const margin = Math.min(a - Math.abs(u), b - Math.abs(y));
      if (margin < trimmed) {
        surface.shade = 0.8;
        return;
      }
      surface.paper = 1;
      surface.shade = 0.45 + 0.55 * smoothstep(0, 0.22, t);
      const inText = t > 0.16 && t < 0.86 && Math.abs(y) < b * 0.78;
      if (!inText) return;
      if (page === pictured && y < 0) {
        surface.paper = 0;
        return;
      }
      const line = y * lines;
      const word = fraction(Math.floor(line) * 0.37 + t * 7.3);
      const ink = smoothstep(0.1, 0.25, triangleWave(line) - 0.5) * smoothstep(0.08, 0.2, triangleWave(word));
      surface.shade *= 1 - 0.6 * ink;
    },
  };
};
