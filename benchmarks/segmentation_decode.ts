/** Time of the label map alone: 150 classes, logits 128x128, enlarged to 512x512 and to the picture's own 512x683. */
import { tensor } from '../core/tensor.js';
import { decodeLabels } from '../heads/segmentation_decode.js';
import { median, minimum, noise, othersIn, spread, takeTurns, timesOf } from './measure.js';
import type { Report } from './report.js';

const padded = { width: 512, height: 512 };
const pictures = [
  { width: 512, height: 512 },
  { width: 683, height: 512 },
  { width: 2048, height: 1536 },
];

/** No bar: the time is there to be watched. */
export async function benchmarkSegmentationDecode(rounds = 7): Promise<Report> {
  const logits = tensor([1, 150, 128, 128], new Float32Array(150 * 128 * 128).map(noise(-9, 9)));
  const options = { alignCorners: false, threshold: 0.3 };
  const laps = await takeTurns(
    pictures.map((original) => {
      const [scaleX, scaleY] = [padded.width / original.width, padded.height / original.height];
      const frame = { original, resized: padded, padded, scaleX, scaleY, left: 0, top: 0 };
      return () => decodeLabels(logits, 0, frame, options);
    }),
    { rounds, warmUp: 2 },
  );
  return {
    title: 'Segmentation decode',
    how: `150 classes: logits 128x128, bilinear to 512x512, bilinear to the picture, argmax; one thread. ${rounds} rounds after 2 to warm up, milliseconds; other processes took ${othersIn(laps)} of the processors at most.`,
    rows: pictures.map(({ width, height }, i) => {
      const own = timesOf(laps, i);
      return { picture: `${width}x${height}`, median: median(own), minimum: minimum(own), spread: spread(own) };
    }),
  };
}
