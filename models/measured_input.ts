/** What engines are measured with before the first picture comes. */
import type { Size } from '../core/frame.js';
import { elements, type Tensors, tensor } from '../core/tensor.js';
import { type PixelForm, toBatch } from '../images/batch.js';
import { packPixels } from '../images/packed_pixels.js';
import { prepareFrame, type TestPipeline } from '../steps/pipeline.js';
import type { InputSizes } from '../tasks/deploy.js';
import { seenSize, usualInputSize } from '../tasks/input_size.js';
import { labelSizes } from '../tasks/label_sizes.js';
import type { Model } from '../tasks/model.js';

/** Of pictures whose size nobody knows yet: COCO's commonest. */
const USUAL_PICTURE = { width: 640, height: 480 } as const;

/** The size at which the network sees a picture of 640x480: what its pipeline makes of that, or a window of it. */
export function measuredSize(model: Model, inputs: InputSizes): Size {
  switch (inputs.kind) {
    case 'any':
      return usualInputSize(model);
    case 'fixed':
      return inputs.sizes[0] ?? usualInputSize(model);
    case 'prepared':
      return preparedSize(model, inputs.pipeline);
    case 'views': {
      // The largest takes most of the time.
      const sizes = inputs.views.map((view) => preparedSize(model, view));
      return sizes.reduce((most, size) => (size.width * size.height > most.width * most.height ? size : most));
    }
  }
}

function preparedSize(model: Model, pipeline: TestPipeline): Size {
  const { width, height } = USUAL_PICTURE;
  const frame = prepareFrame({ width, height, data: new Uint8Array(3 * width * height) }, pipeline);
  const divisor = isSliding(model) ? 1 : model.sizeDivisor;
  const [, , rows = height, columns = width] = toBatch([frame], model.preprocessor, divisor).input.shape;
  return seenSize(model, { width: columns, height: rows });
}

function isSliding(model: Model): boolean {
  return model.task === 'segmentation' && model.windows !== undefined;
}

/**
 * A drawn picture in the range of a normalised one, `input` [1, 3, height, width], or of bytes, packed, [1, 1, height, width]: discs with hard edges on slopes of colour. How
 * long a detector takes that runs in parts depends on what it sees, and an empty picture would flatter it.
 */
export function measuredInput({ width, height }: Size, form: PixelForm = 'normalised', labelled = false): Tensors {
  const shape = [1, 3, height, width];
  const data = new Float32Array(elements(shape));
  const cell = Math.max(8, Math.min(width, height) / 6);
  for (let channel = 0, at = 0; channel < 3; channel++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
        const disc = (column * 7 + row * 13) % 5;
        const radius = (cell * (1 + disc)) / 12;
        const inside = Math.hypot(x - (column + 0.5) * cell, y - (row + 0.5) * cell) < radius;
        const slope = (channel === 1 ? y / height : x / width) * 2 - 1;
        data[at] = inside ? ((disc + channel) % 3) * 1.8 - 1.8 : slope;
      }
    }
  }
  const size = { width, height };
  const frame = { original: size, resized: size, padded: size, scaleX: 1, scaleY: 1, left: 0, top: 0 };
  const sizes = labelled ? labelSizes(frame, 1) : {};
  if (form === 'normalised') return { input: tensor(shape, data), ...sizes };
  const plane = width * height;
  const bytes = Uint8Array.from({ length: 3 * plane }, (_, i) => {
    const value = data[(i % 3) * plane + Math.floor(i / 3)] ?? 0;
    return Math.round(127.5 + 60 * value);
  });
  const packed = tensor([1, 1, height, width], new Float32Array(plane));
  packPixels({ width, height, data: bytes }, [0, 1, 2], { data: packed.data, start: 0, stride: width });
  return { input: packed, ...sizes };
}
