import type { WorstDetections } from '../../evaluation/detection_analysis.js';
import { escapeHtml, paragraph } from '../page/html.js';
import { kindKey, kindSummary, loadPicture, markedSvg, type ReportPicture } from './marked_picture.js';

/**
 * The pictures with their boxes, as HTML, and what does not add up about them.
 * @throws {LowformerError} where a picture cannot be read.
 */
export async function worstDetectionsHtml(
  worst: readonly WorstDetections[],
  pictureOf: (imageId: number) => Promise<ReportPicture>,
  nameOf: (categoryId: number) => string,
  scoreThreshold: number,
): Promise<{ readonly html: string; readonly warnings: readonly string[] }> {
  if (worst.length === 0) return { html: paragraph('No picture has an error.'), warnings: [] };
  const figures: string[] = [];
  const warnings: string[] = [];
  for (const { imageId, weight, marks } of worst) {
    const picture = await pictureOf(imageId);
    const { image, warning } = await loadPicture(picture);
    if (warning !== undefined) warnings.push(warning);
    const svg = await markedSvg(picture, image, marks, nameOf);
    const caption = `${escapeHtml(picture.name)}: ${kindSummary(marks)} (weight ${weight.toFixed(2)})`;
    figures.push(`<figure>${svg}<figcaption>${caption}</figcaption></figure>`);
  }
  const lead = paragraph(
    `By weight of errors: the score of each wrong detection, 1 for each missed object. Detections of score ${scoreThreshold} and more, by TIDE's kinds at overlap 0.5; an object that only a lower score finds is missed here. A click makes a picture large.`,
  );
  return { html: `${lead}${kindKey()}<div class="pictures">${figures.join('\n')}</div>`, warnings };
}
