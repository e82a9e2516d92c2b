/**
 * Boxes in a video, frame by frame as it comes, one line of JSON a frame:
 *
 *   ffmpeg -i video.mp4 -f rawvideo -pix_fmt rgb24 - | npx jiti examples/video_frames.ts 1280 720
 *
 * Frames are raw pixels, so nothing is encoded or decoded on the way. `predictMany` takes them from the stream when it has
 * room for them: a slow network holds ffmpeg back, and memory stays as it is.
 */
import { loadDetector, type RgbImage } from 'lowformer';

const [width = 0, height = 0] = process.argv.slice(2).map(Number);
if (!(width > 0 && height > 0)) throw new Error('usage: video_frames.ts WIDTH HEIGHT < frames.rgb');

/** Cuts what comes on stdin into frames; each has memory of its own. */
async function* frames(): AsyncGenerator<RgbImage> {
  const size = width * height * 3;
  let data = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of process.stdin) {
    for (let start = 0; start < chunk.length; ) {
      const part: Uint8Array = chunk.subarray(start, start + size - filled);
      data.set(part, filled);
      start += part.length;
      filled += part.length;
      if (filled < size) continue;
      yield { width, height, data };
      data = new Uint8Array(size);
      filled = 0;
    }
  }
  if (filled > 0) console.error(`the stream ends within a frame, after ${filled} of ${size} bytes`);
}

await using model = await loadDetector('blood-cells');
// `transfer`: a frame is not used again after it is handed over, so it need not be copied.
for await (const outcome of model.predictMany(frames(), { transfer: true })) {
  if (!outcome.ok) throw outcome.error;
  const boxes = outcome.result.detections.filter(({ score }) => score > 0.5);
  console.log(
    JSON.stringify({
      frame: outcome.index,
      boxes: boxes.map(({ category, score, box }) => ({ category, score, box })),
    }),
  );
}
