/** Where the ground truth may be wrong, for a person to look at: lists, with a look at the first of each. */
import type { RgbImage } from '../../core/frame.js';
import type { CocoBbox } from '../../evaluation/coco_records.js';
import type { DetectionAnalysis } from '../../evaluation/detection_analysis.js';
import { cropSvg } from '../page/crop.js';
import { details, escapeHtml, paragraph } from '../page/html.js';
import { htmlTable } from '../page/html_table.js';
import { loadPicture, type ReportPicture, type ShownDataset } from './marked_picture.js';

/** Of each kind. */
const CROPS = 12;

interface Shown {
  readonly imageId: number;
  readonly box: CocoBbox;
  readonly says: string;
  /** Cells of the table. */
  readonly cells: readonly string[];
}

interface Kind {
  readonly title: string;
  readonly lead: string;
  readonly heads: readonly string[];
  readonly colour: string;
  readonly count: number;
  readonly list: readonly Shown[];
}

/** @throws {LowformerError} where a picture cannot be read. */
export async function labelSuggestionsHtml(
  { labels }: Pick<DetectionAnalysis, 'labels'>,
  { pictureOf, fileNameOf, nameOf }: ShownDataset,
): Promise<string> {
  const kinds = kindsOf(labels, nameOf);
  if (kinds.every(({ count }) => count === 0)) return paragraph('Nothing suggests a mistake in the labels.');
  const loaded = createPictureMemory(pictureOf);
  const parts: string[] = [];
  for (const kind of kinds) {
    if (kind.count === 0) continue;
    const crops: string[] = [];
    for (const shown of kind.list.slice(0, CROPS)) {
      const { picture, image } = await loaded(shown.imageId);
      if (image === undefined) continue;
      const says = `${shown.says}: ${picture.name}`;
      const svg = await cropSvg(image, shown.box, kind.colour, says);
      crops.push(`<figure>${svg}<figcaption>${escapeHtml(says)}</figcaption></figure>`);
    }
    const rows = kind.list.map(({ imageId, box, cells }) => [
      fileNameOf(imageId),
      ...cells,
      box.map((value) => Math.round(value)).join(' '),
    ]);
    const table = htmlTable(`The first ${rows.length} of ${kind.count}`, ['picture', ...kind.heads, 'x y w h'], rows);
    const listed = crops.length === 0 ? table : details('As a list', table);
    parts.push(
      `<h3>${escapeHtml(`${kind.title}: ${kind.count}`)}</h3>${paragraph(kind.lead)}<div class="crops">${crops.join('')}</div>${listed}`,
    );
  }
  const lead = paragraph(
    'Suggestions, for a person to look at: what the detector and the labels disagree about most. A detector that learned from such labels repeats their mistakes, and those are not found.',
  );
  return `${lead}${parts.join('\n')}`;
}

function kindsOf(
  { missing, unfound, wrongClass, score }: DetectionAnalysis['labels'],
  nameOf: (categoryId: number) => string,
): readonly Kind[] {
  const sure = `score ${score.toFixed(2)} and more`;
  return [
    {
      title: 'Perhaps without a label',
      lead: `Detections of ${sure} that no labelled object and no crowd overlaps by 0.1, the best of a place; best score first.`,
      heads: ['class', 'score'],
      colour: '#ff6b5e',
      count: missing.count,
      list: missing.list.map(({ imageId, detection: { bbox, category_id, score: own } }) => {
        const [name, value] = [nameOf(category_id), own.toFixed(3)];
        return { imageId, box: bbox, says: `${name} ${value}`, cells: [name, value] };
      }),
    },
    {
      title: 'Perhaps of another class',
      lead: `Objects whose box (overlap 0.7 and more) is found as another class with ${sure}, and as their own with less than half of that; best score first.`,
      heads: ['labelled', 'found', 'score', 'overlap'],
      colour: '#ffb000',
      count: wrongClass.count,
      list: wrongClass.list.map(({ imageId, object, detection, overlap }) => {
        const [is, found, value] = [
          nameOf(object.category_id),
          nameOf(detection.category_id),
          detection.score.toFixed(3),
        ];
        const says = `labelled ${is}, found ${found} ${value}`;
        return { imageId, box: object.bbox, says, cells: [is, found, value, overlap.toFixed(2)] };
      }),
    },
    {
      title: 'Never found: a wrong label, or a hard one',
      lead: 'Objects that no detection in the file overlaps by 0.5, whatever its class and score; the largest first, since small ones are missed for being small.',
      heads: ['class', 'best overlap'],
      colour: '#5eb1ff',
      count: unfound.count,
      list: unfound.list.map(({ imageId, object: { bbox, category_id }, overlap }) => {
        const name = nameOf(category_id);
        return { imageId, box: bbox, says: name, cells: [name, overlap.toFixed(2)] };
      }),
    },
  ];
}

/** Pictures that were just decoded: several suggestions often lie in one. */
function createPictureMemory(pictureOf: (imageId: number) => Promise<ReportPicture>) {
  const kept = new Map<number, { readonly picture: ReportPicture; readonly image: RgbImage | undefined }>();
  return async (imageId: number) => {
    const known = kept.get(imageId);
    if (known !== undefined) return known;
    const picture = await pictureOf(imageId);
    const one = { picture, image: (await loadPicture(picture)).image };
    const [oldest] = kept.keys();
    if (kept.size >= 4 && oldest !== undefined) kept.delete(oldest);
    kept.set(imageId, one);
    return one;
  };
}
