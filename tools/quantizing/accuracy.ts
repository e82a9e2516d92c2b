/** The figure of a model before and after it is quantized, on annotated pictures. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LowformerError } from '../../core/errors.js';
import type { Log } from '../../core/log.js';
import { collectNotes } from '../../core/notes.js';
import { writeWhole } from '../../files/atomic_write.js';
import type { OnnxFile } from '../../graph/onnx/write.js';
import { type OpenedConfig, predictionParts } from '../../models/open_config.js';
import type { AccuracyReport } from '../../quantization/report.js';
import { type EvaluatedData, evaluate } from '../../runs/evaluate.js';
import { fileFingerprint } from '../../runs/fingerprint.js';
import type { Report } from '../../scoring/report.js';
import { tellNotes } from '../../scoring/report.js';
import { type CommonOptions, runningOptions } from '../common_options.js';

export interface AccuracyOptions {
  readonly opened: OpenedConfig;
  readonly common: CommonOptions;
  readonly data: EvaluatedData;
  readonly strict: boolean;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** A figure from 0 to 1, and its name. */
export interface Figure {
  readonly name: string;
  readonly value: number;
}

/** Evaluates over the same pictures again and again. Disposal removes what lay in the system's folder for temporary files. */
export interface AccuracyCheck extends AsyncDisposable {
  /** Of the float network: once, however often it is asked for. */
  float(): Promise<Figure>;
  /** @param path of a quantized model. */
  file(path: string): Promise<AccuracyReport>;
  /** The same of one that is no file yet. */
  network(file: OnnxFile): Promise<AccuracyReport>;
}

/** Where figures stand in the records of the tasks' metrics; the first that is there is the one that counts. */
const FIGURES: Readonly<Record<string, readonly string[]>> = {
  AP: ['stats', 'AP'],
  mAP: ['mAP'],
  mIoU: ['mIoU'],
  top1: ['top1'],
};

export async function accuracyCheck(options: AccuracyOptions): Promise<AccuracyCheck> {
  const folder = await mkdtemp(join(tmpdir(), 'lowformer-quantize-'));
  let float: Promise<Figure> | undefined;
  let runs = 0;
  const check: AccuracyCheck = {
    float() {
      options.log.say('the float network on the annotated pictures');
      float ??= figure(options, options.opened.checkpoint, join(folder, `${runs++}.journal.jsonl`));
      return float;
    },
    async file(path) {
      const before = await (float ?? check.float());
      options.log.say('the quantized network on the annotated pictures');
      const after = await figure(options, path, join(folder, `${runs++}.journal.jsonl`));
      const loss = 100 * (before.value - after.value);
      return { figure: before.name, float32: before.value, int8: after.value, loss };
    },
    async network(file) {
      const path = join(folder, `${runs++}.onnx`);
      await writeWhole(path, async (handle) => {
        for (const chunk of file.chunks()) await handle.writeFile(chunk);
      });
      const report = await check.file(path);
      await rm(path);
      return report;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  return check;
}

async function figure(
  { opened, common, data, strict, signal, log }: AccuracyOptions,
  checkpoint: string | undefined,
  journal: string,
): Promise<Figure> {
  const notes = collectNotes();
  const { allowMismatch, checkpointKey, cfgOptions, cache } = common;
  const isFile = checkpoint !== opened.checkpoint;
  let report: Report | undefined;
  await evaluate(
    {
      opened: { ...opened, checkpoint },
      settle: async () => ({
        load: {
          cfgOptions,
          signal,
          ...runningOptions(common),
          ...(isFile
            ? {}
            : { allowMismatch, keepNetwork: cache, ...(checkpointKey === undefined ? {} : { checkpointKey }) }),
        },
        identity: { checkpoint: checkpoint === undefined ? 'none' : await fileFingerprint(checkpoint) },
      }),
      classes: {
        classes: predictionParts(opened).labels.map(({ category }) => category),
        category_ids: opened.metaInfo?.category_ids,
        palette: opened.metaInfo?.palette,
      },
      numClasses: opened.model.numClasses,
      batchSize: 1,
      shard: undefined,
      predictions: undefined,
      journal,
      resume: false,
      signal,
      log,
      tell: () => tellNotes(notes, { strict, log: isFile ? { ...log, warn: () => {} } : log }),
      tellNew: () => {},
      notes,
      write: async (found) => {
        report = found;
      },
    },
    data,
  );
  return mainFigure(report?.record);
}

/** @throws {LowformerError} `invalid-argument` where the pictures give no figure: nothing is annotated in them. */
function mainFigure(record: object | undefined): Figure {
  for (const [name, path] of Object.entries(FIGURES)) {
    const value = path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), record);
    if (typeof value === 'number' && value >= 0) return { name, value };
  }
  const expected = 'annotated pictures that a figure can be had of';
  throw new LowformerError({ code: 'invalid-argument', where: '--annotations', expected, received: 'none' });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
