/** The picture of counted tracks in docs/: `npx jiti tools/release/counted_sheet.ts [FILE]`. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawContactSheet, type SheetPicture } from '../../drawing/contact_sheet.js';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { drawTracks } from '../../drawing/tracks.js';
import { packageRoot } from '../../files/package_version.js';
import { loadSharp } from '../../images/load_sharp.js';
import { loadDetector } from '../../models/load_model.js';
import { createTracker } from '../../tracking/byte_tracker.js';
import { countRun } from '../count_run.js';

const [out = join(fileURLToPath(packageRoot()), 'docs/images/counted.webp')] = process.argv.slice(2);
const SHOWN = [0, 20, 40];
/** What is doubtful is followed, and neither counted nor drawn. */
const SCORE = 0.5;

await using model = await loadDetector('blood-cells');
const sharp = await loadSharp();
const tracker = createTracker();
const counts = countRun({
  countLine: [{ name: 'middle', start: [430, 0], end: [430, 480] }],
  countZone: [
    {
      name: 'corner',
      polygon: [
        [0, 250],
        [120, 330],
        [250, 330],
        [290, 480],
        [0, 480],
      ],
    },
  ],
});
const pictures: SheetPicture[] = [];
for (let frame = 0; frame <= (SHOWN.at(-1) ?? 0); frame++) {
  const { image } = drawDemoScene(6, frame);
  const tracks = tracker.update((await model.predict(image)).detections).filter(({ score }) => score >= SCORE);
  counts?.add(tracks, image);
  if (!SHOWN.includes(frame)) continue;
  const drawn = await drawTracks(image, tracks, { counts: counts?.drawn(image, image) });
  const { data, info } = await sharp(Buffer.from(drawn.data), {
    raw: { width: drawn.width, height: drawn.height, channels: 3 },
  })
    .resize(480)
    .raw()
    .toBuffer({ resolveWithObject: true });
  pictures.push({
    image: { width: info.width, height: info.height, data: new Uint8Array(data) },
    title: `frame ${frame}`,
    note: `${tracks.length} tracks`,
    warning: false,
  });
}
const heading = 'Cells of a drawn smear that cross a line from left to right, and that are in a corner';
const sheet = await drawContactSheet({ heading, pictures, columns: 3, legend: [] });
await sharp(Buffer.from(sheet.data), { raw: { width: sheet.width, height: sheet.height, channels: 3 } })
  .webp({ quality: 80 })
  .toFile(out);
console.log(counts?.summary().join('\n'));
