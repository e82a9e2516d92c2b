/** A segmenter's report from folders of label PNGs and, if given, the pictures. */
import { LowformerError } from '../../core/errors.js';
import { collectNotes, noteText, refuseNotes } from '../../core/notes.js';
import { createSegmentationAnalyser, type SegmentationAnalysis } from '../../evaluation/segmentation_analysis.js';
import { createSegmentationComparer, type SegmentationComparison } from '../../evaluation/segmentation_comparison.js';
import type { SegmentationSettings } from '../../evaluation/segmentation_metrics.js';
import { decodeImage } from '../../images/decode.js';
import { noteDoubts } from '../../scoring/label_notes.js';
import type { LabelReader } from '../../scoring/label_pairs.js';
import { withNotes } from '../../scoring/report.js';
import type { AnalysisReport } from '../detection/analyse.js';
import { differenceHeadline } from '../differences.js';
import type { FindPicture } from '../find_picture.js';
import { page, paragraph } from '../page/html.js';
import { notesHtml } from '../page/notes_html.js';
import { againstSegmentationsHtml } from './against.js';
import { segmentationSections } from './sections.js';
import { worstSegmentationsHtml } from './worst.js';

export interface SegmentationReportSettings extends SegmentationSettings {
  readonly labels: string;
  readonly predictions: string;
  /** Another run's label maps of the same pictures. */
  readonly against: string | undefined;
  /** By class index; numbers where none are given. */
  readonly names: readonly string[] | undefined;
  readonly worst: number;
  readonly reader: LabelReader;
  /** Whatever is noted is an error. */
  readonly strict: boolean;
}

/** @throws {LowformerError} as the readers; for sizes that differ, values outside the classes, names of another number. */
export async function analyseSegmentations(
  settings: SegmentationReportSettings,
  find: FindPicture | undefined,
): Promise<AnalysisReport> {
  const { labels, predictions, against, numClasses, ignoreIndex, reduceZeroLabel, worst, reader } = settings;
  const names = settings.names ?? Array.from({ length: numClasses }, (_, i) => String(i));
  if (names.length !== numClasses) {
    const expected = `the names of ${numClasses} classes (--num-classes)`;
    throw new LowformerError({ code: 'invalid-argument', where: '--classes', expected, received: names.length });
  }
  const pairs = await reader.pairs(labels, predictions);
  const others = against === undefined ? undefined : await otherFiles(reader, labels, against);
  const counted = { numClasses, ignoreIndex, reduceZeroLabel };
  const analyser = createSegmentationAnalyser(counted, { worst });
  const comparer = others === undefined ? undefined : createSegmentationComparer(counted);
  const files = new Map(pairs.map((pair) => [pair.id, pair]));
  for (const { id, left, right } of pairs) {
    const [truth, prediction] = await Promise.all([reader.truth(left), reader.prediction(right)]);
    analyser.add(id, truth, prediction);
    const other = others?.get(id);
    if (other !== undefined) comparer?.add(id, truth, prediction, await reader.prediction(other));
  }
  const analysis = analyser.result();
  const noted = collectNotes();
  noteDoubts(labels, { ...counted, ...countsOf(analysis) }, noted);
  if (settings.strict) refuseNotes(noted.list());
  const comparison = await comparer?.result(() => new Promise((resolve) => setImmediate(resolve)));
  const load = async (id: string) => {
    const pair = files.get(id);
    if (pair === undefined) throw new Error(`${id} was not read`);
    const [truth, prediction] = await Promise.all([reader.truth(pair.left), reader.prediction(pair.right)]);
    const file = await find?.(id, pair.left);
    const picture = file === undefined ? undefined : await decodeImage(file);
    if (picture !== undefined && (picture.width !== truth.width || picture.height !== truth.height)) {
      const expected = `a picture of its labels' size ${truth.width}x${truth.height}`;
      const received = `${picture.width}x${picture.height}`;
      throw new LowformerError({ code: 'invalid-argument', where: file ?? id, expected, received });
    }
    return { truth, prediction, picture };
  };
  const loadBoth = async (id: string) => {
    const other = others?.get(id);
    if (other === undefined) throw new Error(`${id} was not read`);
    return { ...(await load(id)), against: await reader.prediction(other) };
  };
  const pictures = await worstSegmentationsHtml(analysis.worst, names, counted, load);
  const compared =
    comparison === undefined
      ? undefined
      : await againstSegmentationsHtml(comparison, against ?? '', names, counted, loadBoth);
  const { scores } = analysis;
  const lead = paragraph(
    `${scores.pictures} pictures, ${scores.pixels.toLocaleString('en')} pixels scored, ${scores.ignoredPixels.toLocaleString('en')} ignored. Ground truth: ${labels}. Predictions: ${predictions}.`,
  );
  return {
    html: page(
      'Segmentation report',
      lead + notesHtml(noted),
      await segmentationSections(analysis, names, pictures, compared),
    ),
    record: withNotes(
      {
        ...segmentationRecord(analysis, names),
        ...(comparison === undefined ? {} : { against: comparisonRecord(comparison, names) }),
      },
      noted,
    ),
    headline: `mIoU ${scores.mIoU?.toFixed(4) ?? '-'}, aAcc ${scores.aAcc?.toFixed(4) ?? '-'}${differenceHeadline('mIoU', comparison?.mIoU)}`,
    warnings: noted.list().map(noteText),
  };
}

/** As the metric counts them. */
function countsOf({ scores, confusion }: SegmentationAnalysis) {
  const { pictures, ignoredPixels } = scores;
  return { pictures, ignoredPixels, confusion: confusion.flat() };
}

/** By picture. */
async function otherFiles(reader: LabelReader, labels: string, against: string): Promise<ReadonlyMap<string, string>> {
  const pairs = await reader.pairs(labels, against);
  return new Map(pairs.map(({ id, right }) => [id, right]));
}

function comparisonRecord({ classes, ...rest }: SegmentationComparison, names: readonly string[]) {
  return {
    method: 'percentile bootstrap over pictures, paired, 95 %',
    ...rest,
    per_class: classes.map(({ classIndex, ...figures }) => ({
      class: classIndex,
      name: names[classIndex],
      ...figures,
    })),
  };
}

function segmentationRecord({ scores, shares, confusion, worst }: SegmentationAnalysis, names: readonly string[]) {
  const { perClass, ...means } = scores;
  return {
    ...means,
    per_class: perClass.map(({ classIndex, ...figures }) => ({
      class: classIndex,
      name: names[classIndex],
      ...figures,
      labelShare: shares[classIndex]?.label ?? 0,
      predictedShare: shares[classIndex]?.predicted ?? 0,
    })),
    confusion,
    worst,
  };
}
