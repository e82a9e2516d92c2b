/** The picture of a tracked sequence in docs/: `npx jiti tools/release/tracked_sheet.ts [FILE]`. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RgbImage } from '../../core/frame.js';
import { drawContactSheet } from '../../drawing/contact_sheet.js';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { drawTracks, type Point } from '../../drawing/tracks.js';
import { packageRoot } from '../../files/package_version.js';
import { loadSharp } from '../../images/load_sharp.js';
import { loadDetector } from '../../models/load_model.js';
import { createTracker } from '../../tracking/byte_tracker.js';

const [out = join(fileURLToPath(packageRoot()), 'docs/images/tracked.webp')] = process.argv.slice(2);
const SHOWN = [0, 5, 10, 15, 20, 25];

await using model = await loadDetector('blood-cells');
const sharp = await loadSharp();
const tracker = createTracker();
const ways = new Map<number, Point[]>();
const pictures: {
  readonly image: RgbImage;
  readonly title: string;
  readonly note: string;
  readonly warning: boolean;
}[] = [];
for (let frame = 0; frame <= (SHOWN.at(-1) ?? 0); frame++) {
  const { image } = drawDemoScene(6, frame);
  const tracks = tracker.update((await model.predict(image)).detections);
  for (const { trackId, box } of tracks) {
    const [x1, y1, x2, y2] = box;
    ways.set(trackId, [...(ways.get(trackId) ?? []), [(x1 + x2) / 2, (y1 + y2) / 2]]);
  }
  if (!SHOWN.includes(frame)) continue;
  const drawn = await drawTracks(image, tracks, { tails: (trackId) => ways.get(trackId) ?? [] });
  const { data, info } = await sharp(Buffer.from(drawn.data), {
    raw: { width: drawn.width, height: drawn.height, channels: 3 },
  })
    .resize(400)
    .raw()
    .toBuffer({ resolveWithObject: true });
  pictures.push({
    image: { width: info.width, height: info.height, data: new Uint8Array(data) },
    title: `frame ${frame}`,
    note: `${tracks.length} tracks, ${new Set(ways.keys()).size} so far`,
    warning: false,
  });
}
const heading = 'A drawn smear that drifts, found by blood-cells and followed by ByteTrack';
const sheet = await drawContactSheet({ heading, pictures, columns: 3, legend: [] });
await sharp(Buffer.from(sheet.data), { raw: { width: sheet.width, height: sheet.height, channels: 3 } })
  .webp({ quality: 80 })
  .toFile(out);
