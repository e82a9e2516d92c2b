/** The picture on which all stages are timed, and whether a network can take it at a size. */
import { LowformerError } from '../../core/errors.js';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { readRegularFile } from '../../files/regular_file.js';
import { toBatch } from '../../images/batch.js';
import { decodeImage } from '../../images/decode.js';
import { loadSharp } from '../../images/load_sharp.js';
import { predictionParts } from '../../models/open_config.js';
import { prepareFrame } from '../../steps/pipeline.js';
import { sizeName } from '../presentation/format.js';
import type { InputSize } from '../record.js';
import { resizedPipeline } from './contestants.js';
import type { BenchmarkedNetwork } from './network.js';

/**
 * The file's bytes; without a file, a drawn scene of 640x480 as JPEG.
 * @throws {LowformerError} `unreadable-image`.
 */
export async function stagePicture(file: string | undefined): Promise<Uint8Array> {
  if (file !== undefined) {
    const bytes = await readRegularFile(file, { expected: 'a picture', code: 'unreadable-image' });
    await decodeImage(bytes, { name: file });
    return bytes;
  }
  const { data, width, height } = drawDemoScene().image;
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
}

/**
 * @throws {LowformerError} `invalid-config` for a config that says nothing of pictures or classes; `invalid-argument` for a
 *   backbone alone, and for a size that the config pads, since the network would then see another one.
 */
export function checkStages(network: BenchmarkedNetwork, size: InputSize): void {
  const { opened, subject } = network;
  if (subject.part === 'backbone') {
    const expected = 'a whole network: a backbone alone has nothing to decode';
    throw new LowformerError({ code: 'invalid-argument', where: '--stages', expected, received: '--backbone' });
  }
  const { pipeline } = predictionParts(opened);
  const { height, width } = size;
  const blank = { width, height, data: new Uint8Array(width * height * 3) };
  const frame = prepareFrame(blank, resizedPipeline(pipeline, size));
  const { input } = toBatch([frame], opened.model.preprocessor, opened.model.sizeDivisor);
  const [, , seenHeight = 0, seenWidth = 0] = input.shape;
  if (seenHeight === height && seenWidth === width) return;
  throw new LowformerError({
    code: 'invalid-argument',
    where: '--sizes',
    expected: `with --stages, a size that ${subject.config} does not pad`,
    received: sizeName(size),
    hint: `It is padded to ${seenHeight}x${seenWidth}.`,
  });
}
