/** Label maps as pictures: the classes' colours, and where two maps differ. */
import type { RgbImage } from '../../core/frame.js';
import { classColour } from '../../drawing/palette.js';
import type { LabelMap, SegmentationSettings } from '../../evaluation/segmentation_metrics.js';
import { escapeHtml } from '../page/html.js';

const RED = [255, 40, 40] as const;

/** Of the class colours over the picture. */
const OPACITY = 0.6;

/** What a pixel is: a class, or nothing that is scored. */
type ClassAt = (pixel: number) => number | undefined;

/** The truth's classes. */
export function truthClasses(
  { labels }: LabelMap,
  { ignoreIndex, reduceZeroLabel }: Pick<SegmentationSettings, 'ignoreIndex' | 'reduceZeroLabel'>,
): ClassAt {
  return (pixel) => {
    const value = labels[pixel] ?? 0;
    if (value === ignoreIndex || (reduceZeroLabel && value === 0)) return undefined;
    return reduceZeroLabel ? value - 1 : value;
  };
}

/** A prediction's classes. */
export function predictedClasses({ labels }: LabelMap): ClassAt {
  return (pixel) => labels[pixel] ?? 0;
}

interface Ground {
  readonly width: number;
  readonly height: number;
  /** Absent: an even ground. */
  readonly picture: RgbImage | undefined;
}

/** The class colours over the picture in grey, or alone; what is not scored is dark. */
export function classPicture({ width, height, picture }: Ground, classAt: ClassAt): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const opacity = picture === undefined ? 1 : OPACITY;
  for (let i = 0; i < width * height; i++) {
    const index = classAt(i);
    const grey = greyOf(picture, i);
    const colour = index === undefined ? undefined : classColour(index);
    for (let channel = 0; channel < 3; channel++) {
      data[i * 3 + channel] =
        colour === undefined ? grey * 0.25 : (1 - opacity) * grey + opacity * (colour[channel] ?? 0);
    }
  }
  return { width, height, data };
}

/** The picture in grey, wrong pixels red, ignored ones dark; without a picture, on an even ground. */
export function differencePicture({ width, height, picture }: Ground, truth: ClassAt, prediction: ClassAt): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const grey = greyOf(picture, i);
    const is = truth(i);
    const wrong = is !== undefined && is !== prediction(i);
    for (let channel = 0; channel < 3; channel++) {
      const ink = RED[channel] ?? 0;
      data[i * 3 + channel] = is === undefined ? grey * 0.25 : wrong ? 0.35 * grey + 0.65 * ink : grey;
    }
  }
  return { width, height, data };
}

function greyOf(picture: RgbImage | undefined, pixel: number): number {
  if (picture === undefined) return 150;
  const [r = 0, g = 0, b = 0] = [picture.data[pixel * 3], picture.data[pixel * 3 + 1], picture.data[pixel * 3 + 2]];
  return 40 + 0.75 * (0.299 * r + 0.587 * g + 0.114 * b);
}

/** The colours of classes, as HTML. */
export function classKey(classes: Iterable<number>, names: readonly string[]): string {
  const items = [...classes]
    .sort((a, b) => a - b)
    .map((index) => {
      const colour = `rgb(${classColour(index).join(' ')})`;
      const name = escapeHtml(names[index] ?? String(index));
      return `<li><i class="swatch" style="background:${colour}"></i>${name}</li>`;
    });
  return `<ul class="key">${items.join('')}</ul>`;
}
