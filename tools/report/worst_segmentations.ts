import type { RgbImage } from '../../core/frame.js';
import type { WorstSegmentation } from '../../evaluation/segmentation_analysis.js';
import type { LabelMap, SegmentationSettings } from '../../evaluation/segmentation_metrics.js';
import { escapeHtml, paragraph } from './html.js';
import { percent } from './html_table.js';
import { jpegDataUri } from './picture_overlay.js';

/** What is needed to show where a prediction differs. */
export interface ShownSegmentation {
  readonly truth: LabelMap;
  readonly prediction: LabelMap;
  /** Of the labels' size; absent where no folder of pictures was given. */
  readonly picture: RgbImage | undefined;
}

/** The worst pictures as HTML. @param load called for one picture after the other. */
export async function worstSegmentationsHtml(
  worst: readonly WorstSegmentation[],
  names: readonly string[],
  settings: SegmentationSettings,
  load: (picture: string) => Promise<ShownSegmentation>,
): Promise<string> {
  if (worst.length === 0) return paragraph('No picture has an error.');
  const figures: string[] = [];
  for (const { picture, wrong, mIoU, confusions } of worst) {
    const uri = await jpegDataUri(differenceOverlay(await load(picture), settings));
    const name = (index: number) => names[index] ?? String(index);
    const most = confusions.map(({ label, predicted }) => `${name(label)} taken for ${name(predicted)}`).join(', ');
    const score = mIoU === null ? '' : `, mIoU ${mIoU.toFixed(3)}`;
    const caption = escapeHtml(`${picture}: ${percent(wrong)} wrong${score}; ${most}`);
    figures.push(`<figure><img src="${uri}" alt="${caption}"><figcaption>${caption}</figcaption></figure>`);
  }
  const lead = paragraph('By the share of wrong pixels, which are red; pixels that are not scored are dark.');
  return `${lead}<div class="pictures">${figures.join('\n')}</div>`;
}

const RED = [255, 40, 40] as const;

/** The picture in grey, wrong pixels red, ignored ones dark; without a picture, on an even ground. */
export function differenceOverlay(
  { truth, prediction, picture }: ShownSegmentation,
  { ignoreIndex, reduceZeroLabel }: SegmentationSettings,
): RgbImage {
  const { width, height, labels } = truth;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < labels.length; i++) {
    const value = labels[i] ?? 0;
    const [r, g, b] = [picture?.data[i * 3] ?? 150, picture?.data[i * 3 + 1] ?? 150, picture?.data[i * 3 + 2] ?? 150];
    const grey = 40 + 0.75 * (0.299 * r + 0.587 * g + 0.114 * b);
    const ignored = value === ignoreIndex || (reduceZeroLabel && value === 0);
    const wrong = !ignored && (reduceZeroLabel ? value - 1 : value) !== prediction.labels[i];
    for (let channel = 0; channel < 3; channel++) {
      const ink = RED[channel] ?? 0;
      data[i * 3 + channel] = ignored ? grey * 0.3 : wrong ? 0.35 * grey + 0.65 * ink : grey;
    }
  }
  return { width, height, data };
}
