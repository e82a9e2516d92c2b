/** A detector's report against another run: what got better and worse. */
import type { DetectionComparison } from '../../evaluation/detection_comparison.js';
import type { PictureDifference } from '../../evaluation/picture_errors.js';
import type { TideMark } from '../../evaluation/tide_marks.js';
import { differenceFigure, differenceTable, howCompared } from '../differences.js';
import { escapeHtml, paragraph } from '../page/html.js';
import { htmlTable } from '../page/html_table.js';
import { kindKey, kindSummary, loadPicture, markedSvg, type ShownDataset } from './marked_picture.js';

/** Of the pictures that lost most, and that gained most. */
const SHOWN = 3;
const LISTED = 100;

export interface ComparedPictures extends ShownDataset {
  /** What became of the boxes of each run, each at its own threshold. */
  readonly marksOf: (imageId: number) => {
    readonly ours: readonly TideMark[];
    readonly against: readonly TideMark[];
  };
}

/** @param other the other run's file. @throws {LowformerError} where a picture cannot be read. */
export async function againstHtml(
  comparison: DetectionComparison,
  other: string,
  shown: ComparedPictures,
): Promise<string> {
  const { AP, AP50, F1, thresholds, categories, pictures, resamples, seed } = comparison;
  const threshold = (value: number | null) => (value === null ? 'none' : value.toFixed(4));
  const means = [
    { name: 'AP', ...AP },
    { name: 'AP50', ...AP50 },
    { name: 'F1 (all classes)', ...F1 },
  ];
  const rows = categories
    .toSorted((a, b) => (a.difference ?? 0) - (b.difference ?? 0))
    .map((category) => ({ ...category, cells: [String(category.objects), String(category.pictures)] }));
  const lead = paragraph(
    `The other run: ${other}. F1 and the errors of pictures at overlap 0.5, each run at its own best threshold over all classes: ${threshold(thresholds.ours)} for this one, ${threshold(thresholds.against)} for the other.`,
  );
  const how = paragraph(howCompared(resamples, seed));
  const counts = paragraph(
    `${pictures.better} pictures have fewer errors than in the other run, ${pictures.worse} have more, ${pictures.same} as many. Errors: wrong detections, and objects not found.`,
  );
  return `${lead}${differenceTable('Over all classes', 'figure', means)}
${how}
<div class="row">${await differenceFigure(rows, 'AP by class')}</div>
${differenceTable('AP by class, what got worse first', 'class', rows, ['objects', 'pictures'])}
<h3>Pictures</h3>${counts}${pictureList(pictures.changed, shown)}
${await besideOneAnother(pictures.changed, shown)}`;
}

function pictureList(changed: readonly PictureDifference[], { fileNameOf }: ComparedPictures): string {
  if (changed.length === 0) return '';
  const rows: string[][] = [];
  const worseFirst = changed.toReversed();
  const listed =
    worseFirst.length <= 2 * LISTED ? worseFirst : [...worseFirst.slice(0, LISTED), ...worseFirst.slice(-LISTED)];
  for (const { imageId, ours, against } of listed) {
    const gain = ours - against;
    rows.push([fileNameOf(imageId), String(ours), String(against), `${gain > 0 ? '+' : '−'}${Math.abs(gain)}`]);
  }
  const caption =
    listed.length < changed.length
      ? `Errors: the ${LISTED} greatest losses and the ${LISTED} greatest gains`
      : 'Errors, what got worse first';
  return htmlTable(caption, ['picture', 'this run', 'the other', 'more errors'], rows);
}

async function besideOneAnother(
  changed: readonly PictureDifference[],
  { pictureOf, nameOf, marksOf }: ComparedPictures,
): Promise<string> {
  const worse = changed.filter(({ ours, against }) => ours > against).toReversed();
  const better = changed.filter(({ ours, against }) => ours < against);
  const figures: string[] = [];
  for (const { imageId, ours, against } of [...worse.slice(0, SHOWN), ...better.slice(0, SHOWN)]) {
    const picture = await pictureOf(imageId);
    const { image } = await loadPicture(picture);
    if (image === undefined && picture.size === undefined) continue;
    const marks = marksOf(imageId);
    const [left, right] = [
      await markedSvg(picture, image, marks.against, nameOf),
      await markedSvg(picture, image, marks.ours, nameOf),
    ];
    const verdict = ours > against ? 'worse' : 'better';
    const caption = `<strong class="${ours > against ? 'bad' : 'good'}">${verdict}</strong> ${escapeHtml(picture.name)}: ${ours} errors, ${against} in the other run`;
    figures.push(
      `<figure><figcaption>${caption}</figcaption><div class="beside"><div>${left}<small>the other: ${kindSummary(marks.against)}</small></div><div>${right}<small>this run: ${kindSummary(marks.ours)}</small></div></div></figure>`,
    );
  }
  if (figures.length === 0) return '';
  return `${paragraph('What lost most and what gained most, the other run on the left:')}${kindKey()}<div class="pairs">${figures.join('\n')}</div>`;
}
