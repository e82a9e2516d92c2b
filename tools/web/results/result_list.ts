/** What was found, as a list beside the picture. */
import type { Box, Detection, Result } from '../../../core/results.js';
import { classColour, type GivenPalette, type Rgb } from '../../../drawing/palette.js';
import { countByClass } from '../../../models/result_records.js';
import { make } from '../page/elements.js';

export interface ListView {
  readonly heading: string;
  readonly summary: string;
  readonly rows: readonly HTMLElement[];
}

export interface ListOptions {
  readonly palette: GivenPalette;
  /** Lowest score of a box that is listed. */
  readonly threshold: number;
  /** Told the box under the pointer or the keyboard's focus; undefined when it leaves. */
  readonly onPoint: (box: Box | undefined) => void;
}

/** Rows beyond would only slow the page down. */
const MOST_ROWS = 300;
const TOP_CLASSES = 5;

/** Boxes by score, classes by their share of the picture, or the likeliest classes. */
export function listResult(result: Result, { palette, threshold, onPoint }: ListOptions): ListView {
  const colourOf = (index: number) => classColour(index, palette);
  switch (result.kind) {
    case 'detection': {
      const shown = result.detections.filter(({ score }) => score >= threshold);
      const rows = shown.slice(0, MOST_ROWS).map((detection) => detectionRow(detection, colourOf, onPoint));
      return { heading: 'Objects', summary: countByClass(shown), rows };
    }
    case 'segmentation': {
      const total = result.width * result.height;
      const rows = result.classes.map(({ classIndex, category, pixels }) =>
        row(category, percent(pixels / total), pixels / total, colourOf(classIndex)),
      );
      return {
        heading: 'Classes',
        summary: rows.length === 1 ? '1 class occurs' : `${rows.length} classes occur`,
        rows,
      };
    }
    case 'classification': {
      const rows = result.ranking
        .slice(0, TOP_CLASSES)
        .map(({ classIndex, category, score }) => row(category, percent(score), score, colourOf(classIndex)));
      return { heading: 'Likeliest classes', summary: result.ranking[0]?.category ?? '', rows };
    }
  }
}

function detectionRow(
  { box, score, category, classIndex }: Detection,
  colourOf: (index: number) => Rgb,
  onPoint: ListOptions['onPoint'],
): HTMLElement {
  const [x1, y1, x2, y2] = box.map(Math.round);
  const item = row(category, score.toFixed(2), score, colourOf(classIndex));
  item.tabIndex = 0;
  item.title = `from (${x1}, ${y1}) to (${x2}, ${y2})`;
  for (const event of ['pointerenter', 'focus']) item.addEventListener(event, () => onPoint(box));
  for (const event of ['pointerleave', 'blur']) item.addEventListener(event, () => onPoint(undefined));
  return item;
}

function row(name: string, value: string, share: number, colour: Rgb): HTMLElement {
  const item = make(
    'li',
    {},
    make('span', { class: 'swatch' }),
    make('span', { class: 'name' }, name),
    make('span', { class: 'value' }, value),
    make('span', { class: 'bar' }),
  );
  item.style.setProperty('--colour', `rgb(${colour.join(' ')})`);
  item.style.setProperty('--share', `${(100 * share).toFixed(1)}%`);
  return item;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
