/** Heights and widths of what a network takes. No Node API. */
import type { Size } from '../core/frame.js';
import { windowPlaces } from '../decoding/window_places.js';
import { multipleSize } from '../images/target_size.js';
import type { Model } from './model.js';

/** What is measured and described unless another size is asked for: a window where these slide over pictures. */
export function usualInputSize(model: Model): Size {
  if (model.task === 'segmentation' && model.windows !== undefined) return seenSize(model, model.windows.crop);
  const side = model.task === 'classification' ? 224 : 512;
  return { height: side, width: side };
}

/** What the network sees of a prepared picture: a window of it, or the whole, as the network's `sizeDivisor` pads it. */
export function seenSize(model: Model, picture: Size): Size {
  const windows = model.task === 'segmentation' ? model.windows : undefined;
  const size = windows === undefined ? picture : windowPlaces(picture, windows).size;
  return multipleSize(size, [model.sizeDivisor, model.sizeDivisor]);
}
