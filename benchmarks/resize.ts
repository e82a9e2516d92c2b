/** Time of the resizes on one thread, without decoding a file. */
import type { RgbImage, Size } from '../core/frame.js';
import { resizeAntialiased } from '../images/resize_antialiased.js';
import { resizeBilinear } from '../images/resize_bilinear.js';
import { median, minimum, noise, othersIn, spread, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { bar, type Report } from './report.js';

interface Case {
  readonly name: string;
  readonly from: RgbImage;
  readonly to: Size;
  readonly limit?: number;
  readonly resize: (image: RgbImage, size: Size) => RgbImage;
}

/** The bar: 4000x3000 to 1333x800 in at most 60 ms. */
export async function benchmarkResize(rounds = 25): Promise<Report> {
  const large = noisyImage(4000, 3000);
  const small = noisyImage(640, 480);
  const cases: readonly Case[] = [
    { name: 'OpenCV bilinear', from: large, to: { width: 1333, height: 800 }, limit: 60, resize: resizeBilinear },
    { name: 'OpenCV bilinear', from: large, to: { width: 2000, height: 1500 }, resize: resizeBilinear },
    { name: 'OpenCV bilinear', from: small, to: { width: 1067, height: 800 }, resize: resizeBilinear },
    { name: 'Pillow bicubic', from: small, to: { width: 315, height: 236 }, resize: bicubic },
  ];
  const runs = cases.map(
    ({ from, to, resize }) =>
      () =>
        resize(from, to),
  );
  const laps = await takeTurns(runs, { rounds, warmUp: 3 });
  return {
    title: 'Resize',
    how: `RGB bytes to RGB bytes, one thread. ${rounds} rounds after 3 to warm up, milliseconds; other processes took ${othersIn(laps)} of the processors at most.`,
    rows: cases.map(({ name, from, to, limit }, i) => {
      const own = timesOf(laps, i);
      return {
        resize: name,
        from: `${from.width}x${from.height}`,
        to: `${to.width}x${to.height}`,
        median: median(own),
        minimum: minimum(own),
        spread: spread(own),
        ...bar(median(own), limit),
      };
    }),
  };
}

function bicubic(image: RgbImage, size: Size): RgbImage {
  return resizeAntialiased(image, size, 'bicubic');
}

export function noisyImage(width: number, height: number): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3).map(noise(0, 256)) };
}
