import type { RgbImage } from '../../core/frame.js';
import type { WorstSegmentation } from '../../evaluation/segmentation_analysis.js';
import type { LabelMap, SegmentationSettings } from '../../evaluation/segmentation_metrics.js';
import { escapeHtml, paragraph } from '../page/html.js';
import { percent } from '../page/html_table.js';
import { jpegDataUri } from '../page/picture_overlay.js';
import { classKey, classPicture, differencePicture, predictedClasses, truthClasses } from './label_picture.js';

/** Longest side in pixels of a picture beside others. */
const LONGEST = 560;

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
  const seen = new Set<number>();
  for (const { picture, wrong, mIoU, confusions, alike } of worst) {
    const shown = await load(picture);
    const truth = truthClasses(shown.truth, settings);
    const prediction = predictedClasses(shown.prediction);
    const ground = { width: shown.truth.width, height: shown.truth.height, picture: shown.picture };
    for (let i = 0; i < shown.truth.labels.length; i++) {
      const is = truth(i);
      if (is !== undefined) seen.add(is);
      const found = prediction(i);
      if (is !== undefined && found !== undefined) seen.add(found);
    }
    const tiles = [
      ...(shown.picture === undefined ? [] : [await tile(shown.picture, 'picture')]),
      await tile(classPicture(ground, truth), 'truth'),
      await tile(classPicture(ground, prediction), 'prediction'),
      await tile(differencePicture(ground, truth, prediction), 'wrong pixels'),
    ];
    const name = (index: number) => names[index] ?? String(index);
    const most = confusions.map(({ label, predicted }) => `${name(label)} taken for ${name(predicted)}`).join(', ');
    const score = mIoU === null ? '' : `, mIoU ${mIoU.toFixed(3)}`;
    const others = alike.length === 0 ? '' : ` (and ${alike.length} like it: ${handful(alike)})`;
    const caption = escapeHtml(`${picture}: ${percent(wrong)} wrong${score}; ${most}${others}`);
    figures.push(`<figure><figcaption>${caption}</figcaption><div class="beside">${tiles.join('')}</div></figure>`);
  }
  const lead = paragraph(
    'By the share of wrong pixels, which are red; pixels that are not scored are dark. Of neighbouring pictures that show nearly the same, the worst alone is shown: truths that agree on a grid of 16 by 12 cells with a kappa of 0.7 and more, no more than 50 pictures apart. A click makes a picture large.',
  );
  return `${lead}${classKey(seen, names)}<div class="pairs">${figures.join('\n')}</div>`;
}

/** One of several pictures beside one another. */
export async function tile(image: RgbImage, says: string): Promise<string> {
  const uri = await jpegDataUri(image, LONGEST);
  return `<div><img src="${uri}" alt="${escapeHtml(says)}"><small>${escapeHtml(says)}</small></div>`;
}

function handful(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')}, …`;
}
