/** A detector's report from files: ground truth, detections and, if given, the pictures. */
import { collectNotes, noteText, refuseNotes } from '../../core/notes.js';
import type { CocoPicture } from '../../data/coco.js';
import { readCocoResults } from '../../data/coco_results.js';
import type { AnnotatedPicture } from '../../data/dataset.js';
import { createDetectionAnalyser, type DetectionAnalysis } from '../../evaluation/detection_analysis.js';
import { pictureNumbers } from '../scoring/coco_score.js';
import { openAnnotations } from '../scoring/datasets.js';
import { withNotes } from '../scoring/report.js';
import { placeResults, resultsByPicture } from '../scoring/results_by_picture.js';
import { detectionSections } from './detection_sections.js';
import type { FindPicture } from './find_picture.js';
import { page, paragraph } from './html.js';
import { notesHtml } from './notes_html.js';
import { worstDetectionsHtml } from './worst_detections.js';

export interface AnalysisReport {
  readonly html: string;
  /** The numbers, for programs. */
  readonly record: unknown;
  readonly headline: string;
  readonly warnings: readonly string[];
}

export interface DetectionReportSettings {
  readonly annotations: string;
  readonly predictions: string;
  readonly scoreThreshold: number;
  readonly worst: number;
  /** A file with the classes of annotations that do not list them. */
  readonly classes: string | undefined;
  readonly strict: boolean;
}

/**
 * @throws {LowformerError} as the readers, for detections of pictures that are not annotated, and for whatever is noted
 *   where `strict` is set.
 */
export async function analyseDetections(
  { annotations: path, predictions, scoreThreshold, worst, classes: names, strict }: DetectionReportSettings,
  find: FindPicture | undefined,
): Promise<AnalysisReport> {
  const annotations = await openAnnotations(path, 'error', names);
  const noted = collectNotes();
  const { samples, classes, categoryIds } = annotations;
  const detectionsOf = resultsByPicture(annotations, [
    placeResults(annotations, await readCocoResults(predictions), noted),
  ]);
  if (strict) refuseNotes(noted.list());
  const categories = classes.map((name, i) => ({ id: categoryIds[i] ?? i + 1, name }));
  const analyser = createDetectionAnalyser(categories, { scoreThreshold, worst });
  const numbers = pictureNumbers(samples);
  samples.forEach(({ objects }, i) => {
    const records = objects.map(({ id, categoryId, box, area, crowd }) => ({
      id,
      category_id: Number(categoryId),
      bbox: box,
      area,
      iscrowd: crowd,
    }));
    analyser.add(numbers[i] ?? i, records, detectionsOf(i));
  });
  const analysis = analyser.result();

  const positions = new Map(numbers.map((number, i) => [number, i]));
  const sampleOf = (imageId: number) => samples[positions.get(imageId) ?? -1];
  const files = new Map<number, string>();
  for (const { imageId } of analysis.worst) {
    const position = positions.get(imageId) ?? -1;
    const sample = samples[position];
    if (find === undefined || sample === undefined) continue;
    files.set(imageId, await find(pictureName(sample), `${path}: images[${position}].file_name`));
  }
  const shown = (imageId: number) => {
    const sample = sampleOf(imageId);
    const name = sample === undefined ? String(imageId) : pictureName(sample);
    return { name, size: sample?.size, file: files.get(imageId) };
  };
  const nameOf = new Map(categories.map(({ id, name }) => [id, name]));
  const pictures = await worstDetectionsHtml(analysis.worst, shown, (id) => nameOf.get(id) ?? String(id));
  const { counts, stats, notes } = analysis.coco;
  const lead = paragraph(
    `${counts.pictures} pictures, ${counts.objects} objects of ${classes.length} classes, ${counts.detections} detections. Ground truth: ${path}. Detections: ${predictions}.`,
  );
  return {
    html: page('Detection report', lead + notesHtml(noted), await detectionSections(analysis, pictures.html)),
    record: withNotes(
      detectionRecord(analysis, (imageId) => sampleOf(imageId)?.id ?? imageId, shown),
      noted,
    ),
    headline: `AP ${stats.AP.toFixed(4)}, AP50 ${stats.AP50.toFixed(4)}`,
    warnings: [...noted.list().map(noteText), ...notes, ...pictures.warnings],
  };
}

function pictureName(sample: AnnotatedPicture | CocoPicture): string {
  const name = 'fileName' in sample ? sample.fileName : undefined;
  return name ?? String(sample.id);
}

/** As JSON: null stands for nothing to measure, but in `stats`, which are COCO's with its -1. */
function detectionRecord(
  { coco, categories, all, tide, confusion, thresholds, worst }: DetectionAnalysis,
  idOf: (imageId: number) => number | string,
  shown: (imageId: number) => { readonly name: string },
) {
  return {
    stats: coco.stats,
    counts: coco.counts,
    per_category: Object.fromEntries(categories.map(({ id, ...rest }) => [String(id), rest])),
    all,
    tide,
    confusion: {
      score_threshold: thresholds.score,
      iou_threshold: thresholds.overlap,
      categories: categories.map(({ id }) => id),
      matrix: confusion,
    },
    worst: worst.map(({ imageId, weight, marks }) => ({
      image_id: idOf(imageId),
      file: shown(imageId).name,
      weight,
      marks: marks.map(({ kind, detection, object }) => ({
        kind,
        ...(detection === undefined
          ? {}
          : { detection: { category_id: detection.category_id, bbox: detection.bbox, score: detection.score } }),
        ...(object === undefined
          ? {}
          : { object: { id: object.id, category_id: object.category_id, bbox: object.bbox } }),
      })),
    })),
  };
}
