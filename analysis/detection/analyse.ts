/** A detector's report from files: ground truth, detections and, if given, the pictures. */
import { collectNotes, noteText, refuseNotes } from '../../core/notes.js';
import type { CocoPicture } from '../../data/coco.js';
import { readCocoResults } from '../../data/coco_results.js';
import type { AnnotatedPicture } from '../../data/dataset.js';
import type { CocoScoredBox } from '../../evaluation/coco_records.js';
import { createDetectionAnalyser } from '../../evaluation/detection_analysis.js';
import { createDetectionComparer, type DetectionComparison } from '../../evaluation/detection_comparison.js';
import { tideMarks } from '../../evaluation/tide_marks.js';
import { cocoCategories, cocoObject, createCocoScore, pictureNumbers } from '../../scoring/coco_score.js';
import { type DetectionPlaces, openAnnotations } from '../../scoring/open_detection.js';
import { withNotes } from '../../scoring/report.js';
import { placeResults, resultsByPicture } from '../../scoring/results_by_picture.js';
import { differenceHeadline } from '../differences.js';
import type { FindPicture } from '../find_picture.js';
import { page, paragraph } from '../page/html.js';
import { notesHtml } from '../page/notes_html.js';
import { againstHtml } from './against.js';
import { labelSuggestionsHtml } from './label_suggestions.js';
import { detectionRecord } from './record.js';
import { detectionSections } from './sections.js';
import { worstDetectionsHtml } from './worst.js';

export interface AnalysisReport {
  readonly html: string;
  /** The numbers, for programs. */
  readonly record: unknown;
  readonly headline: string;
  readonly warnings: readonly string[];
}

export interface DetectionReportSettings {
  readonly truth: Omit<DetectionPlaces, 'notes'>;
  readonly predictions: string;
  /** Another run's detections of the same pictures. */
  readonly against: string | undefined;
  readonly scoreThreshold: number;
  readonly worst: number;
  readonly strict: boolean;
}

/**
 * @throws {LowformerError} as the readers, for detections of pictures that are not annotated, and for whatever is noted
 *   where `strict` is set.
 */
export async function analyseDetections(
  { truth, predictions, against, scoreThreshold, worst, strict }: DetectionReportSettings,
  find: FindPicture | undefined,
): Promise<AnalysisReport> {
  const noted = collectNotes();
  const path = truth.annotations ?? '';
  const annotations = await openAnnotations({ ...truth, notes: noted });
  const { samples, classes } = annotations;
  const read = async (file: string) =>
    resultsByPicture(annotations, [placeResults(annotations, await readCocoResults(file, { notes: noted }), noted)]);
  const detectionsOf = await read(predictions);
  const othersOf = against === undefined ? undefined : await read(against);
  if (strict) refuseNotes(noted.list());
  const categories = cocoCategories(annotations);
  const analyser = createDetectionAnalyser(categories, { scoreThreshold, worst });
  const comparer = othersOf === undefined ? undefined : createDetectionComparer(categories);
  const numbers = pictureNumbers(samples);
  samples.forEach((sample, i) => {
    const objects = sample.objects.map(cocoObject);
    const detections = detectionsOf(i);
    analyser.add(numbers[i] ?? i, objects, detections);
    if (othersOf !== undefined) comparer?.add(numbers[i] ?? i, objects, detections, othersOf(i));
  });
  const analysis = analyser.result();
  if (annotations.hasIdZero === true) {
    const score = createCocoScore(annotations, noted);
    samples.forEach((_, i) => {
      score.add(i, detectionsOf(i));
    });
    score.summary();
  }
  const comparison = await comparer?.result(breathe);

  const positions = new Map(numbers.map((number, i) => [number, i]));
  const sampleOf = (imageId: number) => samples[positions.get(imageId) ?? -1];
  const fileNameOf = (imageId: number) => {
    const sample = sampleOf(imageId);
    return sample === undefined ? String(imageId) : pictureName(sample);
  };
  const pictureOf = async (imageId: number) => {
    const name = fileNameOf(imageId);
    return {
      name,
      size: sampleOf(imageId)?.size,
      file: await find?.(name, `${path}: images[${positions.get(imageId) ?? 0}].file_name`),
    };
  };
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const nameOf = (id: number) => names.get(id) ?? String(id);
  const marksOf = (imageId: number, of: (picture: number) => readonly CocoScoredBox[], threshold: number | null) => {
    const sample = sampleOf(imageId);
    const picture = positions.get(imageId) ?? -1;
    return sample === undefined
      ? []
      : tideMarks(sample.objects.map(cocoObject), of(picture), threshold ?? Number.POSITIVE_INFINITY);
  };
  const compared = async (result: DetectionComparison, other: string) =>
    againstHtml(result, other, {
      pictureOf,
      fileNameOf,
      nameOf,
      marksOf: (imageId) => ({
        ours: marksOf(imageId, detectionsOf, result.thresholds.ours),
        against: marksOf(imageId, othersOf ?? (() => []), result.thresholds.against),
      }),
    });
  const pictures = await worstDetectionsHtml(analysis.worst, pictureOf, nameOf, scoreThreshold);
  const { counts, stats } = analysis.coco;
  const lead = paragraph(
    `${counts.pictures} pictures, ${counts.objects} objects of ${classes.length} classes, ${counts.detections} detections. Ground truth: ${path}. Detections: ${predictions}.`,
  );
  const sections = await detectionSections(analysis, {
    worst: pictures.html,
    labels: await labelSuggestionsHtml(analysis, { pictureOf, fileNameOf, nameOf }),
    against: comparison === undefined ? undefined : await compared(comparison, against ?? ''),
  });
  const idOf = (imageId: number) => sampleOf(imageId)?.id ?? imageId;
  return {
    html: page('Detection report', lead + notesHtml(noted), sections),
    record: withNotes(detectionRecord(analysis, comparison, { idOf, fileNameOf }), noted),
    headline: `AP ${stats.AP.toFixed(4)}, AP50 ${stats.AP50.toFixed(4)}${differenceHeadline('AP', comparison?.AP)}`,
    warnings: [...noted.list().map(noteText), ...pictures.warnings],
  };
}

/** Lets signals and timers in. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function pictureName(sample: AnnotatedPicture | CocoPicture): string {
  const name = 'fileName' in sample ? sample.fileName : undefined;
  return name ?? String(sample.id);
}
