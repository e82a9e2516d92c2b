/** Things of no class: they lie under, among and over the objects, in the same colours and of the same materials. */
import { angle, clamp, cosine, fraction, sine, smoothstep, triangleWave } from './arithmetic.js';
import { type MakeShape, roundSurface } from './shape.js';

/** A sheet of something, flat, its corner turned up or not. */
export const sheet: MakeShape = (dice) => {
  const a = dice.between(0.5, 1);
  const b = dice.between(0.5, 1);
  const border = dice.chance(0.4) ? dice.between(0.05, 0.15) : 0;
  const written = dice.chance(0.3) ? dice.between(7, 16) : 0;
  return {
    reach: 1.42,
    distance: ({ u, v }) => Math.max(Math.abs(u) - a, Math.abs(v) - b),
    shade: ({ u, v }, surface) => {
      const inner = Math.min(a - Math.abs(u), b - Math.abs(v));
      surface.trim = inner < border ? 1 : 0;
      if (written > 0) {
        surface.paper = 0.85;
        const line = v * written;
        const row = Math.floor(line);
        const word = fraction(row * 0.43 + u * (2.3 + 0.4 * fraction(row * 0.71)));
        const ink = smoothstep(0.1, 0.2, triangleWave(line) - 0.5) * smoothstep(0.12, 0.2, triangleWave(word));
        if (inner > 0.15) surface.shade = 1 - 0.6 * ink;
      }
    },
  };
};

/** Flat cuttings: three to six corners at uneven angles. */
const shard: MakeShape = (dice) => {
  const count = dice.whole(3, 6);
  const sides = Array.from({ length: count }, (_, i) => {
    const turn = (i + dice.between(-0.3, 0.3)) / count;
    return { x: cosine(turn), y: sine(turn), offset: dice.between(0.35, 0.7) };
  });
  const bevel = dice.between(0, 0.9);
  const rim = dice.between(0.05, 0.3);
  const nearest = { x: 0, y: 0 };
  const fromSides = (u: number, v: number) => {
    let most = -9;
    for (const side of sides) {
      const distance = side.x * u + side.y * v - side.offset;
      if (distance <= most) continue;
      most = distance;
      nearest.x = side.x;
      nearest.y = side.y;
    }
    return most;
  };
  return {
    reach: 1.5,
    distance: ({ u, v }) => Math.max(fromSides(u, v), Math.sqrt(u * u + v * v) - 1.4),
    shade: ({ u, v }, surface) => {
      if (fromSides(u, v) < -rim) return;
      surface.nx = bevel * nearest.x;
      surface.ny = bevel * nearest.y;
    },
  };
};

/** A pebble, a potato, a blot: a round thing of no regular outline. */
const lump: MakeShape = (dice) => {
  const waves = [2, 3, 5].map((frequency) => ({
    frequency,
    phase: dice.roll(),
    height: dice.between(0, 0.3) / frequency,
  }));
  const flat = dice.between(0.4, 1.6);
  const radius = (u: number, v: number) => {
    const turns = angle(u, v);
    let sum = 0.78;
    for (const { frequency, phase, height } of waves) sum += height * sine(frequency * turns + phase);
    return sum;
  };
  return {
    reach: 1.15,
    distance: ({ u, v }) => Math.sqrt(u * u + v * v) - radius(u, v),
    shade: ({ u, v }, surface) => {
      const r = radius(u, v);
      const t = clamp((u * u + v * v) / (r * r), 0, 0.96);
      surface.nx = u / r;
      surface.ny = v / r;
      surface.nz = flat * Math.sqrt(1 - t);
    },
  };
};

/** A stick, a pen, a tube: as long as it is drawn, with a coloured end or without. */
const stick: MakeShape = (dice) => {
  const thickness = dice.between(0.04, 0.16);
  const end = dice.chance(0.5) ? dice.between(0.5, 0.9) : 2;
  const point = dice.chance(0.3) ? 0.3 : 0;
  const width = (u: number) => thickness * (point > 0 && u < -0.7 ? clamp((u + 1) / point, 0.1, 1) : 1);
  return {
    reach: 1.05,
    distance: ({ u, v }) => Math.max(Math.abs(v) - width(u), Math.abs(u) - 1),
    shade: ({ u, v }, surface) => {
      roundSurface(surface, v / width(u), 0, 1);
      surface.trim = u > end ? 1 : 0;
    },
  };
};

/** A ring or a piece of one: wire, a washer, a bracelet, a hook. */
const loop: MakeShape = (dice) => {
  const thickness = dice.between(0.04, 0.2);
  const open = dice.chance(0.5) ? dice.between(0.1, 0.45) : 0;
  const flat = dice.chance(0.4);
  const radius = 1 - thickness;
  const gap = (u: number, v: number) => (open - Math.abs(angle(u, v) - 0.5)) * 6.283 * radius;
  return {
    reach: 1.05,
    distance: ({ u, v }) => {
      const ring = Math.abs(Math.sqrt(u * u + v * v) - radius) - thickness;
      return open === 0 ? ring : Math.max(ring, gap(u, v));
    },
    shade: ({ u, v }, surface) => {
      const r = Math.sqrt(u * u + v * v) + 1e-6;
      if (!flat) roundSurface(surface, (r - radius) / thickness, u / r, v / r);
      surface.pu = angle(u, v) * 6;
      surface.pv = r;
    },
  };
};

/** A plate, a lid, a coin, a button. */
const disc: MakeShape = (dice) => {
  const rings = [dice.between(0.2, 0.5), dice.between(0.55, 0.75), 0.92];
  const depth = dice.between(-0.8, 0.8);
  const holes = dice.chance(0.3) ? dice.between(0.07, 0.12) : 0;
  return {
    reach: 1.05,
    distance: ({ u, v }) => {
      const outer = Math.sqrt(u * u + v * v) - 1;
      if (holes === 0) return outer;
      const x = Math.abs(u) - 0.22;
      const y = Math.abs(v) - 0.22;
      return Math.max(outer, holes - Math.sqrt(x * x + y * y));
    },
    shade: ({ u, v }, surface) => {
      const r = Math.sqrt(u * u + v * v) + 1e-6;
      let slope = 0;
      for (const ring of rings) slope += smoothstep(0.07, 0, Math.abs(r - ring));
      surface.nx = (slope * depth * u) / r;
      surface.ny = (slope * depth * v) / r;
      surface.trim = r > (rings[1] ?? 1) ? 1 : 0;
    },
  };
};

/** A can or a roll, standing: round as a mug or a bottle is, and neither. */
const can: MakeShape = (dice) => {
  const a = dice.between(0.4, 0.75);
  const b = dice.between(0.4, 0.8);
  const tilt = dice.between(0.1, 0.4) * a;
  const band = dice.between(-0.5, 0.5);
  const lid = (u: number, v: number) => {
    const x = u / a;
    const y = (v + b) / tilt;
    return Math.sqrt(x * x + y * y);
  };
  return {
    reach: 1.35,
    distance: ({ u, v }) => {
      const bulge = Math.sqrt(Math.max(1 - (u / a) * (u / a), 0)) * tilt;
      return Math.min(Math.max(Math.abs(u) - a, v - b - bulge, -b - v), (lid(u, v) - 1) * tilt);
    },
    shade: ({ u, v }, surface) => {
      if (lid(u, v) < 1) {
        surface.ny = -0.3;
        surface.trim = lid(u, v) > 0.85 ? 1 : 0;
        return;
      }
      roundSurface(surface, u / a, 1, 0);
      surface.trim = Math.abs(v - band * b) < 0.2 ? 1 : 0;
    },
  };
};

/** A box seen at a corner: three faces. */
const block: MakeShape = (dice) => {
  const a = dice.between(0.35, 0.6);
  const b = dice.between(0.35, 0.6);
  const right = dice.between(0.2, 0.5);
  const up = dice.between(0.15, 0.4);
  const length = Math.sqrt(right * right + up * up);
  const diagonal = (a * up + b * right) / length;
  const taped = dice.chance(0.4);
  return {
    reach: 1.3,
    distance: ({ u, v }) => {
      const x = u - right / 2;
      const y = v + up / 2;
      return Math.max(
        Math.abs(x) - a - right / 2,
        Math.abs(y) - b - up / 2,
        Math.abs(x * up + y * right) / length - diagonal,
      );
    },
    shade: ({ u, v }, surface) => {
      if (Math.abs(u) <= a && Math.abs(v) <= b) {
        surface.trim = taped && Math.abs(u) < 0.08 ? 1 : 0;
        return;
      }
      const onTop = (-v - b) / up > (u - a) / right;
      surface.nx = onTop ? 0 : 1;
      surface.ny = onTop ? -1 : 0;
      surface.nz = 0.4;
    },
  };
};

/** A crescent, a drop, a heart: outlines with a bay or a tip. */
const crescent: MakeShape = (dice) => {
  const shift = dice.between(0.3, 0.7);
  const bite = dice.between(0.6, 0.95);
  return {
    reach: 1.05,
    distance: ({ u, v }) => {
      const x = u - shift;
      return Math.max(Math.sqrt(u * u + v * v) - 1, bite - Math.sqrt(x * x + v * v));
    },
    shade: ({ u, v }, surface) => {
      const r = Math.sqrt(u * u + v * v);
      const tilt = smoothstep(0.5, 1, r);
      surface.nx = u * tilt;
      surface.ny = v * tilt;
    },
  };
};

/** What lies about. */
export const CLUTTER = [shard, shard, lump, lump, stick, stick, loop, disc, can, block, crescent] as const;

/** What may lie over objects and hide little of them. */
export const THIN_CLUTTER = [stick, loop] as const;
