import { relative } from 'node:path';
import { z } from 'zod';
import type { Classification } from '../core/results.js';
import { mapClassFolders } from '../data/class_check.js';
import type { ClassificationDataset } from '../data/dataset.js';
import { table } from '../drawing/text_table.js';
import { createTopK, type TopKResult } from '../evaluation/top_k.js';
import { loadOpened } from '../models/loaded_model.js';
import { fraction, type Report } from '../scoring/report.js';
import type { Evaluation } from './evaluation.js';
import { classificationFingerprint } from './fingerprint.js';
import { openJournal } from './journal.js';
import { scorePictures } from './picture_scoring.js';

/** The best classes, as many as count. */
const recordSchema = z.array(z.int().min(0));
const MOST = 5;

/** Top-1 and top-5 of a classifier over class folders. @throws {LowformerError} for folders that are not its classes. */
export async function evaluateClassification(evaluation: Evaluation, dataset: ClassificationDataset): Promise<void> {
  const { classes, numClasses } = evaluation;
  evaluation.tell();
  const indices = mapClassFolders(dataset, classes);
  const { samples } = dataset;
  const ids = samples.map(({ file }) => relative(dataset.name, file).replaceAll('\\', '/'));
  const identity = { ...evaluation.run, dataset: classificationFingerprint(dataset, ids) };
  await using journal = await openJournal(evaluation.journal, { ...evaluation, identity, ids });
  const topK = createTopK([1, MOST], { numClasses });
  await scorePictures<Classification, z.output<typeof recordSchema>>(
    () => loadOpened(evaluation.opened, evaluation.load),
    {
      files: samples.map(({ file }) => file),
      ids,
      schema: recordSchema,
      record: (_, { ranking }) => ranking.slice(0, MOST).map(({ classIndex }) => Number(classIndex)),
      count(picture, record) {
        const target = indices[samples[picture]?.classIndex ?? -1] ?? -1;
        topK.addRanking(ids[picture] ?? '', target, record);
      },
    },
    { ...evaluation, journal },
  );
  await evaluation.write(topKReport(topK.result()));
  await journal.finish();
}

function topKReport({ pictures, top }: TopKResult): Report {
  const figures = Object.fromEntries(top.map(({ k, accuracy }) => [`top${k}`, accuracy]));
  const rows = top.map(({ k, correct, accuracy }) => [`top-${k}`, fraction(accuracy), `${correct}`]);
  const headline = top.map(({ k, accuracy }) => `top-${k} ${fraction(accuracy)}`).join(', ');
  return {
    record: { ...figures, pictures },
    text: `${pictures} pictures\n\n${table(['figure', 'value', 'right'], rows, ['left', 'right', 'right'])}`,
    headline,
  };
}
