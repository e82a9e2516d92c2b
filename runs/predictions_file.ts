import type { PictureId } from '../data/dataset.js';
import { writeWhole } from '../files/atomic_write.js';
import { exactJson } from '../files/exact_json.js';
import type { Journal } from './journal.js';
import type { PartHead } from './parts.js';

/** Characters that are written at once. */
const BLOCK = 1 << 20;

export interface PredictionsFile {
  readonly head: PartHead | undefined;
  /** Of the pictures, in the journal's order. */
  readonly ids: readonly PictureId[];
  readonly signal: AbortSignal;
}

/**
 * Writes the detections of a journal in COCO's results format, or, with a head, as a part of a dataset; whole or not at
 * all, and a picture at a time.
 * @throws {LowformerError} `unwritable-file`; the signal's reason when aborted.
 */
export async function writePredictions(
  path: string,
  journal: Journal,
  { head, ids, signal }: PredictionsFile,
): Promise<void> {
  await writeWhole(path, async (file) => {
    let text = head === undefined ? '[' : `${exactJson(head).slice(0, -1)},"detections":[`;
    let separator = '\n';
    let picture = 0;
    for await (const record of journal.entries()) {
      const image_id = ids[picture++];
      for (const detection of Array.isArray(record) ? record : []) {
        text += `${separator}${exactJson({ ...detection, image_id })}`;
        separator = ',\n';
      }
      if (text.length < BLOCK) continue;
      signal.throwIfAborted();
      await file.appendFile(text);
      text = '';
    }
    await file.appendFile(`${text}\n${head === undefined ? ']' : ']}'}\n`);
  });
}
