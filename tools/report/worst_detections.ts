import type { Size } from '../../core/frame.js';
import type { WorstDetections } from '../../evaluation/detection_analysis.js';
import type { DetectionMark } from '../../evaluation/detection_confusion.js';
import { decodeImage } from '../../images/decode.js';
import { escapeHtml, paragraph } from './html.js';
import { jpegDataUri, type OverlayBox, overlaySvg } from './picture_overlay.js';

/** A picture that a report may show. */
export interface ReportPicture {
  readonly name: string;
  /** As annotated. */
  readonly size: Size | undefined;
  /** Absent where no folder of pictures was given. */
  readonly file: string | undefined;
}

const KINDS = ['right', 'confused', 'false', 'missed'] as const;
const COLOURS = { right: '#2fbf71', confused: '#ffb000', false: '#ff4d4d', missed: '#4da3ff' } as const;
const WORDS = { right: 'right', confused: 'wrong class', false: 'nothing is there', missed: 'missed' } as const;

/**
 * The pictures with their boxes, as HTML, and what does not add up about them: a size that contradicts the annotations.
 * @throws {LowformerError} where a picture cannot be read.
 */
export async function worstDetectionsHtml(
  worst: readonly WorstDetections[],
  pictureOf: (imageId: number) => ReportPicture,
  nameOf: (categoryId: number) => string,
): Promise<{ readonly html: string; readonly warnings: readonly string[] }> {
  if (worst.length === 0) return { html: paragraph('No picture has an error.'), warnings: [] };
  const figures: string[] = [];
  const warnings: string[] = [];
  for (const { imageId, weight, marks } of worst) {
    const { name, size: annotated, file } = pictureOf(imageId);
    const picture = file === undefined ? undefined : await decodeImage(file);
    const given = annotated === undefined ? '' : `${annotated.width}x${annotated.height}`;
    const found = picture === undefined ? given : `${picture.width}x${picture.height}`;
    if (given !== '' && given !== found) {
      warnings.push(`${file}: it is ${found} as displayed, and ${given} in the annotations: boxes may lie wrong`);
    }
    const uri = picture === undefined ? undefined : await jpegDataUri(picture);
    const boxes = marks.flatMap((mark) => overlayBox(mark, nameOf));
    const svg = overlaySvg(picture ?? annotated ?? extent(boxes), uri, boxes, `${name}: ${summary(marks)}`);
    const caption = `${escapeHtml(name)}: ${summary(marks)} (weight ${weight.toFixed(2)})`;
    figures.push(`<figure>${svg}<figcaption>${caption}</figcaption></figure>`);
  }
  const key = KINDS.map((kind) => `<li><span style="border-color:${COLOURS[kind]}"></span>${WORDS[kind]}</li>`);
  const lead = paragraph('By weight of errors: the score of each wrong detection, 1 for each missed object.');
  return {
    html: `${lead}<ul class="key">${key.join('')}</ul><div class="pictures">${figures.join('\n')}</div>`,
    warnings,
  };
}

function overlayBox({ kind, detection, object }: DetectionMark, nameOf: (id: number) => string): OverlayBox[] {
  const shown = detection ?? object;
  if (shown === undefined) return [];
  const is = object === undefined ? '' : nameOf(object.category_id);
  const found = detection === undefined ? '' : `${nameOf(detection.category_id)} ${detection.score.toFixed(2)}`;
  const label = kind === 'confused' ? `${found} (${is})` : found === '' ? is : found;
  const box = { box: shown.bbox, colour: COLOURS[kind], dashed: kind === 'missed' };
  return [{ ...box, label: kind === 'right' ? '' : label, title: `${WORDS[kind]}: ${label}` }];
}

function summary(marks: readonly DetectionMark[]): string {
  const count = (kind: DetectionMark['kind']) => marks.filter((mark) => mark.kind === kind).length;
  return `${count('right')} right, ${count('confused')} of the wrong class, ${count('false')} false, ${count('missed')} missed`;
}

function extent(boxes: readonly OverlayBox[]): Size {
  const right = boxes.map(({ box }) => box[0] + box[2]);
  const bottom = boxes.map(({ box }) => box[1] + box[3]);
  return { width: Math.ceil(Math.max(1, ...right)), height: Math.ceil(Math.max(1, ...bottom)) };
}
