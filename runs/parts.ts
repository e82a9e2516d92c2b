/** Detections of one shard in a file, and what puts the files of all shards together again. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { type CocoResults, parseCocoResults } from '../data/coco_results.js';
import type { DetectionAnnotations, PictureId } from '../data/dataset.js';
import { readBytes } from '../data/files.js';
import { entryPlace, readId } from '../data/json_entry.js';
import { JsonReader } from '../data/json_reader.js';
import { LOCK_ENDING } from '../files/lock.js';
import { matchingFiles } from '../files/matching_files.js';
import { detectionFingerprint } from './fingerprint.js';
import { JOURNAL_ENDING } from './journal.js';

/** The head of a part; `detections`, in COCO's results format, follows. */
export interface PartHead {
  readonly shard: number;
  readonly of: number;
  /** What was scored: `detectionFingerprint`. */
  readonly dataset: string;
  /** Config, checkpoint, device and batch size: parts of different runs do not belong together. */
  readonly run: string;
  readonly image_ids: readonly PictureId[];
}

const partSchema = z.object({
  shard: z.int().min(1),
  of: z.int().min(1),
  dataset: z.string(),
  run: z.string(),
  image_ids: z.array(z.union([z.number(), z.string()])),
  detections: z.array(z.unknown()),
});

interface Part extends PartHead {
  readonly file: string;
  readonly results: CocoResults;
}

const PART = "a part written by 'evaluate --shard … --predictions PART'";

/**
 * Every part of a dataset, in any order.
 * @param patterns files or globs; journals of runs that have not ended are passed over.
 * @throws {LowformerError} for a file that is no part, a part that is missing, doubled, of another dataset or another
 *   run, and for pictures or detections that do not belong to a part.
 */
export async function readParts(
  patterns: readonly string[],
  annotations: DetectionAnnotations,
): Promise<readonly CocoResults[]> {
  const files = [...new Set((await Promise.all(patterns.map(matchingFiles))).flat())].sort();
  const locks = files.filter((file) => file.endsWith(JOURNAL_ENDING + LOCK_ENDING));
  const journals = files.filter((file) => file.endsWith(JOURNAL_ENDING));
  const parts: Part[] = [];
  for (const file of files) if (![...journals, ...locks].includes(file)) parts.push(await readPart(file));
  const [first] = parts;
  if (first === undefined) throw wrong(patterns.join(' '), `files, each ${PART},`, 'no file');
  const dataset = detectionFingerprint(annotations);
  for (const part of parts) checkOrigin(part, first, dataset, annotations.name);
  checkComplete(parts, first, journals);
  checkPictures(parts, annotations);
  return parts.map(({ results }) => results);
}

async function readPart(file: string): Promise<Part> {
  const bytes = await readBytes(file, PART);
  const value = withoutDetections(bytes, file);
  const parsed = partSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') ?? '';
    const hint = Array.isArray(value) ? 'This looks like a results file: give it with --predictions.' : undefined;
    throw wrong(place === '' ? file : `${file}: ${place}`, PART, issue?.message, hint);
  }
  const { shard, of, dataset, run } = parsed.data;
  const { image_ids, results } = exactLists(bytes, file);
  const head = { shard, of, dataset, run, image_ids };
  const own = new Set(head.image_ids);
  for (let entry = 0; entry < results.length; entry++) {
    const id = results.imageIds[entry];
    if (id !== undefined && own.has(id)) continue;
    throw wrong(`${file}: detections[${entry}].image_id`, "one of the part's image_ids", id);
  }
  return { ...head, file, results };
}

/** All else than its detections, which may be more than one text can hold. */
function withoutDetections(bytes: Uint8Array, file: string): unknown {
  const json = new JsonReader(bytes, file);
  if (json.kind() === 'array') return [];
  if (json.kind() !== 'object') return json.value();
  const entries: [string, unknown][] = [];
  json.object((key) => {
    const passed = key === 'detections' && json.kind() === 'array';
    if (passed) json.skip();
    entries.push([key, passed ? [] : json.value()]);
  });
  json.end();
  return Object.fromEntries(entries);
}

/** Ids of 64 bits among them, which JSON.parse rounds. */
function exactLists(bytes: Uint8Array, file: string) {
  const json = new JsonReader(bytes, file);
  const image_ids: PictureId[] = [];
  let results = parseCocoResults(new TextEncoder().encode('[]'), file);
  json.object((key) => {
    const start = json.position();
    if (key === 'image_ids') {
      json.array((index) => {
        const place = entryPlace(file, key, () => index);
        image_ids.push(readId(json, place, key));
      });
    } else json.skip();
    if (key === 'detections') results = parseCocoResults(json.since(start), `${file}: detections`);
  });
  return { image_ids, results };
}

function checkOrigin(part: Part, first: Part, dataset: string, name: string): void {
  if (part.dataset !== dataset) {
    const hint = 'It is a part of another dataset, or the annotations have changed since.';
    throw wrong(`${part.file}: dataset`, `'${dataset}', the fingerprint of ${name},`, part.dataset, hint);
  }
  if (part.of !== first.of) throw wrong(`${part.file}: of`, `${first.of}, as in ${first.file},`, part.of);
  if (part.run === first.run) return;
  const hint = 'Config, checkpoint, device or batch size differ.';
  throw wrong(`${part.file}: run`, `'${first.run}', as in ${first.file},`, part.run, hint);
}

function checkComplete(parts: readonly Part[], { of }: Part, journals: readonly string[]): void {
  const byShard = new Map<number, Part>();
  for (const part of parts) {
    const twin = byShard.get(part.shard);
    if (twin !== undefined)
      throw wrong(`${part.file}: shard`, 'each part once', part.shard, `${twin.file} is the same.`);
    if (part.shard > of) throw wrong(`${part.file}: shard`, `a part from 1 to ${of}`, part.shard);
    byShard.set(part.shard, part);
  }
  const missing = Array.from({ length: of }, (_, i) => i + 1).filter((shard) => !byShard.has(shard));
  if (missing.length === 0) return;
  const running = journals.length === 0 ? '' : ` Not at its end: ${journals.join(', ')}.`;
  const hint = `Missing: ${missing.map((shard) => `${shard}/${of}`).join(', ')}.${running}`;
  throw wrong('--merge', `all ${of} parts`, parts.length, hint);
}

function checkPictures(parts: readonly Part[], { name, samples }: DetectionAnnotations): void {
  const known = new Set(samples.map(({ id }) => id));
  const seen = new Map<PictureId, string>();
  for (const { file, image_ids } of parts) {
    image_ids.forEach((id, i) => {
      const where = `${file}: image_ids[${i}]`;
      if (!known.has(id)) throw wrong(where, `a picture of ${name}`, id);
      const other = seen.get(id);
      if (other !== undefined) throw wrong(where, 'each picture in one part', id, `It is in ${other}, too.`);
      seen.set(id, file);
    });
  }
  const absent = samples.find(({ id }) => !seen.has(id));
  if (absent === undefined) return;
  throw wrong('--merge', `the ${samples.length} pictures of ${name}`, seen.size, `Missing is ${absent.id}.`);
}

function wrong(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}
