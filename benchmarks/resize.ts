/**
 * How long the resizes take on one thread, without decoding: `npx jiti benchmarks/resize.ts [runs]`.
 * The bar: 4000x3000 to 1333x800 in at most 60 ms. Runs of all cases are interleaved.
 */
import { cpus } from 'node:os';
import type { RgbImage, Size } from '../core/frame.js';
import { resizeAntialiased } from '../images/resize_antialiased.js';
import { resizeBilinear } from '../images/resize_bilinear.js';

interface Case {
  readonly name: string;
  readonly from: RgbImage;
  readonly to: Size;
  readonly resize: (image: RgbImage, size: Size) => RgbImage;
}

const large = noise(4000, 3000);
const small = noise(640, 480);
const cases: readonly Case[] = [
  { name: 'OpenCV bilinear', from: large, to: { width: 1333, height: 800 }, resize: resizeBilinear },
  { name: 'OpenCV bilinear', from: large, to: { width: 2000, height: 1500 }, resize: resizeBilinear },
  { name: 'OpenCV bilinear', from: small, to: { width: 1067, height: 800 }, resize: resizeBilinear },
  { name: 'Pillow bicubic', from: small, to: { width: 315, height: 236 }, resize: bicubic },
];

const runs = Number(process.argv[2] ?? 25);
const times = cases.map((): number[] => []);
for (let run = -3; run < runs; run++) {
  cases.forEach(({ from, to, resize }, i) => {
    const start = performance.now();
    resize(from, to);
    if (run >= 0) times[i]?.push(performance.now() - start);
  });
}

console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}, ${runs} runs, milliseconds`);
cases.forEach(({ name, from, to }, i) => {
  const sorted = (times[i] ?? []).toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? Number.NaN;
  const fastest = sorted[0] ?? Number.NaN;
  const sizes = `${from.width}x${from.height} -> ${to.width}x${to.height}`;
  console.log(`${name.padEnd(16)} ${sizes.padEnd(24)} median ${median.toFixed(1)}  min ${fastest.toFixed(1)}`);
});

function bicubic(image: RgbImage, size: Size): RgbImage {
  return resizeAntialiased(image, size, 'bicubic');
}

function noise(width: number, height: number): RgbImage {
  let state = 1;
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return { width, height, data };
}
