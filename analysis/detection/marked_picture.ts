/** One picture of a detector's report: its boxes by what became of them. */
import type { RgbImage, Size } from '../../core/frame.js';
import { TIDE_KINDS } from '../../evaluation/tide_errors.js';
import type { TideMark } from '../../evaluation/tide_marks.js';
import { decodeImage } from '../../images/decode.js';
import { jpegDataUri, type OverlayBox, overlaySvg } from '../page/picture_overlay.js';

/** A picture that a report may show. */
export interface ReportPicture {
  readonly name: string;
  /** As annotated. */
  readonly size: Size | undefined;
  /** Absent where no folder of pictures was given. */
  readonly file: string | undefined;
}

/** What a report shows of a dataset. */
export interface ShownDataset {
  /** @throws {LowformerError} where it is not in the folder of pictures. */
  readonly pictureOf: (imageId: number) => Promise<ReportPicture>;
  readonly fileNameOf: (imageId: number) => string;
  readonly nameOf: (categoryId: number) => string;
}

type Kind = TideMark['kind'];
const KINDS: readonly Kind[] = ['right', ...TIDE_KINDS];

/** Light enough for black letters on them; the label says the same in words. */
const COLOURS: Readonly<Record<Kind, string>> = {
  right: '#35c46f',
  classification: '#ffb000',
  localisation: '#c49bff',
  both: '#ff8fd8',
  duplicate: '#22c7d6',
  background: '#ff6b5e',
  missed: '#5eb1ff',
};

/** As the paper abbreviates them. */
export const SHORT: Readonly<Record<Kind, string>> = {
  right: 'right',
  classification: 'Cls',
  localisation: 'Loc',
  both: 'Both',
  duplicate: 'Dupe',
  background: 'Bkg',
  missed: 'Miss',
};

export const MEANING: Readonly<Record<Kind, string>> = {
  right: 'found',
  classification: 'right place, another class',
  localisation: 'right class, overlap between 0.1 and 0.5',
  both: 'another class and badly placed',
  duplicate: 'the object was found already, with a better score',
  background: 'nothing is there',
  missed: 'an object that none of the errors above could be',
};

/** What the colours mean, as HTML. */
export function kindKey(): string {
  const items = KINDS.map((kind) => {
    const name = kind === 'right' ? 'right' : `${SHORT[kind]}: ${MEANING[kind]}`;
    return `<li><span style="border-color:${COLOURS[kind]}"></span>${name}</li>`;
  });
  return `<ul class="key">${items.join('')}</ul>`;
}

/** `3 right, 1 Cls, 2 Bkg`. */
export function kindSummary(marks: readonly TideMark[]): string {
  const counts = KINDS.map((kind) => ({ kind, count: marks.filter((mark) => mark.kind === kind).length }));
  const told = counts.filter(({ kind, count }) => count > 0 || kind === 'right');
  return told.map(({ kind, count }) => `${count} ${SHORT[kind]}`).join(', ');
}

export interface LoadedPicture {
  readonly image: RgbImage | undefined;
  /** What does not add up: a size that contradicts the annotations. */
  readonly warning: string | undefined;
}

/** @throws {LowformerError} where a picture cannot be read. */
export async function loadPicture({ size, file }: ReportPicture): Promise<LoadedPicture> {
  if (file === undefined) return { image: undefined, warning: undefined };
  const image = await decodeImage(file);
  if (size === undefined || (size.width === image.width && size.height === image.height)) {
    return { image, warning: undefined };
  }
  const [found, given] = [`${image.width}x${image.height}`, `${size.width}x${size.height}`];
  const warning = `${file}: it is ${found} as displayed, and ${given} in the annotations: boxes may lie wrong`;
  return { image, warning };
}

/** The picture with its boxes, as SVG. @param uri of the picture; without it the boxes stand on an empty ground. */
export async function markedSvg(
  { name, size }: ReportPicture,
  image: RgbImage | undefined,
  marks: readonly TideMark[],
  nameOf: (categoryId: number) => string,
): Promise<string> {
  const uri = image === undefined ? undefined : await jpegDataUri(image);
  // Right ones lie below; of the errors the best scores have the first choice of a place for their labels.
  const right = marks.filter(({ kind }) => kind === 'right');
  const wrong = marks.filter(({ kind }) => kind !== 'right');
  const ordered = [...right, ...wrong.toSorted((a, b) => (b.detection?.score ?? 1) - (a.detection?.score ?? 1))];
  const boxes = ordered.flatMap((mark) => overlayBoxes(mark, nameOf));
  return overlaySvg(image ?? size ?? extent(boxes), uri, boxes, `${name}: ${kindSummary(marks)}`);
}

function overlayBoxes({ kind, detection, object }: TideMark, nameOf: (id: number) => string): OverlayBox[] {
  const colour = COLOURS[kind];
  const is = object === undefined ? '' : nameOf(object.category_id);
  if (detection === undefined) {
    if (object === undefined) return [];
    const labels = [`Miss ${cut(is)}`, 'Miss'];
    return [{ box: object.bbox, colour, dashed: true, labels, title: `missed: ${is}` }];
  }
  const score = detection.score.toFixed(2);
  const found = nameOf(detection.category_id);
  if (kind === 'right') {
    return [{ box: detection.bbox, colour, dashed: false, labels: [], title: `right: ${found} ${score}` }];
  }
  const short = SHORT[kind];
  const full = [`${short} ${cut(found)} ${score}`, `${short} ${score}`, short];
  const labels = kind === 'classification' ? [`${short} ${cut(found)} ${score} (${cut(is)})`, ...full] : full;
  const there = object === undefined ? '' : `; there is: ${is}`;
  const own = { box: detection.bbox, colour, dashed: false, labels, title: `${kind}: ${found} ${score}${there}` };
  // Where a badly placed box should be.
  const target: OverlayBox[] =
    kind === 'localisation' && object !== undefined
      ? [{ box: object.bbox, colour, dashed: true, labels: [], title: `there is: ${is}` }]
      : [];
  return [...target, own];
}

function cut(name: string): string {
  const letters = [...name.replace(/\s+/g, ' ')];
  return letters.length > 20 ? `${letters.slice(0, 19).join('')}…` : letters.join('');
}

function extent(boxes: readonly OverlayBox[]): Size {
  const right = boxes.map(({ box }) => box[0] + box[2]);
  const bottom = boxes.map(({ box }) => box[1] + box[3]);
  return { width: Math.ceil(Math.max(1, ...right)), height: Math.ceil(Math.max(1, ...bottom)) };
}
