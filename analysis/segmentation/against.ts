/** A segmentor's report against another run: what got better and worse. */
import type { SegmentationComparison, SegmentedPictureDifference } from '../../evaluation/segmentation_comparison.js';
import type { SegmentationSettings } from '../../evaluation/segmentation_metrics.js';
import { differenceFigure, differenceTable, howCompared } from '../differences.js';
import { escapeHtml, paragraph } from '../page/html.js';
import { htmlTable, percent } from '../page/html_table.js';
import { classKey, classPicture, differencePicture, predictedClasses, truthClasses } from './label_picture.js';
import { type ShownSegmentation, tile } from './worst.js';

const LISTED = 100;
/** More colours are no key. */
const MOST_IN_KEY = 40;

export interface ComparedSegmentation extends ShownSegmentation {
  /** The other run's. */
  readonly against: ShownSegmentation['prediction'];
}

/** @param other the other run's folder. @param load called for one picture after the other. */
export async function againstSegmentationsHtml(
  { mIoU, aAcc, classes, pictures, resamples, seed }: SegmentationComparison,
  other: string,
  names: readonly string[],
  settings: SegmentationSettings,
  load: (picture: string) => Promise<ComparedSegmentation>,
): Promise<string> {
  const means = [
    { name: 'mIoU', ...mIoU },
    { name: 'aAcc', ...aAcc },
  ];
  const rows = classes
    .filter(({ ours, against }) => ours !== null || against !== null)
    .toSorted((a, b) => (a.difference ?? 0) - (b.difference ?? 0))
    .map((one) => ({ name: names[one.classIndex] ?? String(one.classIndex), ...one, cells: [String(one.pictures)] }));
  const key = classKey(rows.map(({ classIndex }) => classIndex).slice(0, MOST_IN_KEY), names);
  const counts = paragraph(
    `${pictures.better} pictures have fewer wrong pixels than in the other run, ${pictures.worse} have more, ${pictures.same} as many.`,
  );
  return `${paragraph(`The other run: ${other}.`)}${differenceTable('Over all classes', 'figure', means)}
${paragraph(howCompared(resamples, seed))}
<div class="row">${await differenceFigure(rows, 'IoU by class')}</div>
${differenceTable('IoU by class, what got worse first', 'class', rows, ['pictures'])}
<h3>Pictures</h3>${counts}${pictureList(pictures.changed)}
${await besideOneAnother([...pictures.lost, ...pictures.gained], settings, load, key)}`;
}

function pictureList(changed: readonly SegmentedPictureDifference[]): string {
  if (changed.length === 0) return '';
  const worseFirst = changed.toReversed();
  const all = worseFirst.length <= 2 * LISTED;
  const listed = all ? worseFirst : [...worseFirst.slice(0, LISTED), ...worseFirst.slice(-LISTED)];
  const rows = listed.map(({ picture, ours, against }) => {
    const more = ours - against;
    return [picture, percent(ours), percent(against), `${more < 0 ? '−' : '+'}${percent(Math.abs(more))}`];
  });
  const caption = all
    ? 'Wrong pixels, what got worse first'
    : `Wrong pixels: the ${LISTED} greatest losses and the ${LISTED} greatest gains`;
  return htmlTable(caption, ['picture', 'this run', 'the other', 'more wrong'], rows);
}

async function besideOneAnother(
  notable: readonly SegmentedPictureDifference[],
  settings: SegmentationSettings,
  load: (picture: string) => Promise<ComparedSegmentation>,
  key: string,
): Promise<string> {
  const figures: string[] = [];
  for (const { picture: name, ours, against } of notable) {
    const shown = await load(name);
    const ground = { width: shown.truth.width, height: shown.truth.height, picture: shown.picture };
    const truth = truthClasses(shown.truth, settings);
    const tiles = [
      await tile(classPicture(ground, truth), 'truth'),
      await tile(classPicture(ground, predictedClasses(shown.against)), 'the other run'),
      await tile(classPicture(ground, predictedClasses(shown.prediction)), 'this run'),
      shown.picture === undefined ? '<div></div>' : await tile(shown.picture, 'picture'),
      await tile(
        differencePicture(ground, truth, predictedClasses(shown.against)),
        `wrong in the other: ${percent(against)}`,
      ),
      await tile(
        differencePicture(ground, truth, predictedClasses(shown.prediction)),
        `wrong in this: ${percent(ours)}`,
      ),
    ];
    const verdict = ours > against ? '<strong class="bad">worse</strong>' : '<strong class="good">better</strong>';
    figures.push(
      `<figure><figcaption>${verdict} ${escapeHtml(name)}</figcaption><div class="beside three">${tiles.join('')}</div></figure>`,
    );
  }
  return figures.length === 0 ? '' : `${key}<div class="pairs">${figures.join('\n')}</div>`;
}
