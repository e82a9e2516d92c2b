import type { Size } from '../core/frame.js';
import { clamp, cosine, fraction, mix, sine, smoothstep, triangleWave } from './arithmetic.js';
import type { Canvas } from './canvas.js';
import { type SceneColours, someColour } from './colours.js';
import type { Dice } from './dice.js';
import type { Light } from './light.js';
import { fractal, type Noise } from './noise.js';
import { somePattern } from './patterns.js';

/** What the ground is like at a place: the same record is filled again and again. */
interface Floor {
  /** The place. */
  x: number;
  y: number;
  /** Which of its colours: 0 the first, 1 the second. */
  tint: number;
  /** In pixels, about. */
  height: number;
  shade: number;
}

/** Units are a tenth of the picture's shorter side, about. */
type Ground = (floor: Floor) => void;
type MakeGround = (dice: Dice, noise: Noise) => Ground;

/** Fills the picture: one kind of ground, or two that meet in an edge, such as a table before a wall. */
export function paintGround(canvas: Canvas, colours: SceneColours, light: Light, dice: Dice, noise: Noise): void {
  const first = layer(canvas, colours, dice, noise);
  const second = dice.chance(0.55) ? layer(canvas, colours, dice, noise) : undefined;
  const turn = dice.chance(0.6) ? 0.25 + dice.between(-0.04, 0.04) : dice.roll();
  const c = cosine(turn);
  const s = sine(turn);
  const middle = (c * canvas.width + s * canvas.height) / 2;
  const place = middle + Math.min(canvas.width, canvas.height) * dice.between(-0.35, 0.35);
  const soft = dice.between(0.01, 0.12) * Math.min(canvas.width, canvas.height);
  const lx = light.direction[0];
  const ly = light.direction[1];
  const lit = light.lamp.map((lamp, channel) => lamp * light.direction[2] + (light.sky[channel] ?? 0));
  const floor: Floor = { x: 0, y: 0, tint: 0, height: 0, shade: 1 };
  let above = new Float32Array(canvas.width);
  for (let y = 0, at = 0; y < canvas.height; y++) {
    const own = new Float32Array(canvas.width);
    for (let x = 0; x < canvas.width; x++, at += 3) {
      const beyond = second !== undefined ? c * x + s * y - place : 0;
      const {
        ground,
        from,
        to,
        relief,
        c: turnedX,
        s: turnedY,
        tilt,
        dx,
        dy,
      } = (beyond > 0 ? second : undefined) ?? first;
      floor.tint = 0;
      floor.height = 0;
      floor.shade = 1;
      // Of a plane that is seen aslant, what is higher in the picture is farther away, or nearer.
      const depth = 1 / (1 + tilt * (y - canvas.height / 2));
      const px = (x - canvas.width / 2) * depth;
      const py = (y - canvas.height / 2) * depth;
      floor.x = turnedX * px - turnedY * py + dx;
      floor.y = turnedY * px + turnedX * py + dy;
      ground(floor);
      const height = floor.height * relief;
      own[x] = height;
      const before = x === 0 ? height : (own[x - 1] ?? height);
      const over = y === 0 ? height : (above[x] ?? height);
      const slope = clamp((before - height) * lx + (over - height) * ly, -0.7, 0.7);
      const near = beyond > 0 ? 1 - 0.45 * smoothstep(soft, 0, beyond) : 1;
      const level = floor.shade * near * (1 + slope);
      for (let channel = 0; channel < 3; channel++) {
        const own = mix(from[channel] ?? 0, to[channel] ?? 0, floor.tint);
        canvas.colours[at + channel] = own * level * (lit[channel] ?? 0);
      }
    }
    above = own;
  }
}

function layer({ width, height }: Size, colours: SceneColours, dice: Dice, noise: Noise) {
  const ground = dice.pick(KINDS)(dice, noise);
  const unit = (Math.min(width, height) / 10) * dice.scale(0.5, 1.8);
  const angle = dice.roll();
  const c = cosine(angle) / unit;
  const s = sine(angle) / unit;
  const tilt = dice.between(-0.5, 0.5) / height;
  const dx = dice.between(0, 64);
  const dy = dice.between(0, 64);
  return {
    ground,
    from: someColour(colours, dice),
    to: someColour(colours, dice),
    relief: unit / 10,
    c,
    s,
    tilt,
    dx,
    dy,
  };
}

const planks: MakeGround = (dice, noise) => {
  const breadth = dice.between(1.2, 3);
  const length = dice.between(5, 14);
  const grain = dice.between(2, 5);
  return (floor) => {
    const { x, y } = floor;
    const row = Math.floor(y / breadth);
    const across = fraction(y / breadth) * breadth;
    const along = x / length + row * 0.37;
    const board = Math.floor(along);
    const own = noise(row * 3.7 + 0.5, board * 5.3 + 0.5);
    const rings = fractal(noise, x * 0.35 + own * 40, y * grain + own * 20, 3);
    const gap = Math.min(across, breadth - across, fraction(along) * length * 1.5);
    floor.tint = clamp(0.55 * own + 0.9 * triangleWave(rings * 4) - 0.25, 0, 1);
    floor.shade = (0.75 + 0.35 * own) * (0.35 + 0.65 * smoothstep(0.02, 0.07, gap));
    floor.height = rings + smoothstep(0, 0.09, gap) * 2;
  };
};

const cloth: MakeGround = (dice, noise) => {
  const threads = dice.between(3, 8);
  const pattern = somePattern(dice, noise);
  const folds = dice.between(4, 16);
  return (floor) => {
    const { x, y } = floor;
    const a = sine(x * threads);
    const b = sine(y * threads);
    const fold = fractal(noise, x * 0.25, y * 0.4, 3);
    floor.tint = pattern((x + fold) * 0.3, (y + fold) * 0.3);
    floor.shade = 0.88 + 0.12 * a * b;
    floor.height = folds * fold + 0.5 * (a + b);
  };
};

const tiles: MakeGround = (dice, noise) => {
  const side = dice.between(1.5, 4);
  const shifted = dice.chance(0.5) ? 0.5 : 0;
  const joint = dice.between(0.03, 0.09);
  const chequered = dice.chance(0.5);
  return (floor) => {
    const { x, y } = floor;
    const row = Math.floor(y / side);
    const column = Math.floor(x / (side * 1.4) + row * shifted);
    const u = fraction(x / (side * 1.4) + row * shifted) * 1.4;
    const v = fraction(y / side);
    const inner = Math.min(u, 1.4 - u, v, 1 - v);
    const own = noise(column * 7.3 + 0.5, row * 3.1 + 0.5);
    const dirt = fractal(noise, x * 1.5, y * 1.5, 3);
    floor.tint = chequered ? ((row + column) & 1) * 0.8 + 0.2 * own : own;
    floor.shade = (0.7 + 0.5 * dirt) * (inner < joint ? 0.6 : 1);
    floor.height = 3 * smoothstep(joint * 0.5, joint * 1.8, inner) + dirt;
  };
};

/** Stones side by side: each point of a jittered lattice has one (Worley's cells). */
const pebbles: MakeGround = (dice, noise) => {
  const jitter = dice.between(0.5, 0.95);
  const density = dice.between(0.8, 1.8);
  return (floor) => {
    const x = floor.x * density;
    const y = floor.y * density;
    const column = Math.floor(x);
    const row = Math.floor(y);
    let nearest = 9;
    let second = 9;
    let own = 0;
    for (let j = row - 1; j <= row + 1; j++) {
      for (let i = column - 1; i <= column + 1; i++) {
        const value = noise(i * 5.1 + j * 3.3, j * 7.7);
        const dx = i + 0.5 + jitter * (value - 0.5) * 1.4 - x;
        const dy = j + 0.5 + jitter * (fraction(value * 57.3) - 0.5) - y;
        const square = dx * dx + dy * dy;
        if (square < nearest) {
          second = nearest;
          nearest = square;
          own = fraction(value * 31.7);
        } else if (square < second) second = square;
      }
    }
    const edge = Math.sqrt(second) - Math.sqrt(nearest);
    const rough = noise(x * 6, y * 6);
    floor.tint = clamp(own + 0.3 * (rough - 0.5), 0, 1);
    floor.shade = (0.35 + 0.65 * smoothstep(0.02, 0.2, edge)) * (0.7 + 0.5 * own);
    floor.height = 9 * Math.sqrt(clamp(edge, 0, 0.6)) + rough;
  };
};

const straw: MakeGround = (dice, noise) => {
  const fineness = dice.between(3, 6);
  const turns = [0, 1, 2, 3].map(() => dice.roll()).map((turn) => ({ c: cosine(turn), s: sine(turn) }));
  return (floor) => {
    const { x, y } = floor;
    let highest = 0;
    let own = 0;
    for (const { c, s } of turns) {
      const blade = noise((c * x + s * y) * 0.7 + c * 20, (c * y - s * x) * fineness + s * 20);
      if (blade > highest) {
        highest = blade;
        own = fraction(c * 7.7 + Math.floor((c * y - s * x) * fineness) * 0.31);
      }
    }
    floor.tint = own;
    floor.shade = 0.35 + 0.75 * highest;
    floor.height = 3 * highest;
  };
};

const stone: MakeGround = (dice, noise) => {
  const rough = dice.between(0.5, 2.5);
  const veins = dice.between(0, 3);
  return (floor) => {
    const { x, y } = floor;
    const coarse = fractal(noise, x * 0.4, y * 0.4, 4);
    const fine = noise(x * 7, y * 7);
    const vein = triangleWave(coarse * 3 + x * 0.1);
    floor.tint = clamp(0.6 * coarse + 0.4 * fine + veins * smoothstep(0.14, 0, vein) * 0.3, 0, 1);
    floor.shade = 0.75 + 0.5 * (coarse - 0.2) * (0.6 + 0.4 * fine);
    floor.height = rough * (fine + 4 * coarse);
  };
};

const printed: MakeGround = (dice, noise) => {
  const small = somePattern(dice, noise);
  const large = somePattern(dice, noise);
  return (floor) => {
    const { x, y } = floor;
    const worn = fractal(noise, x * 0.8, y * 0.8, 3);
    floor.tint = clamp(0.65 * large(x * 0.25, y * 0.25) + 0.35 * small(x * 0.6, y * 0.6), 0, 1);
    floor.shade = 0.7 + 0.5 * worn;
    floor.height = worn * 2;
  };
};

const KINDS = [planks, planks, cloth, cloth, tiles, pebbles, straw, stone, printed] as const;
