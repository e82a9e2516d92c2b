/** A label map from logits that come row by row, as they do where windows are joined. */
import type { FrameTransform, Span } from '../core/frame.js';
import { flipsDown } from '../images/flip_sample.js';
import type { DecodedLabels, LabelBand, SegmentationDecoder } from '../registry/define.js';
import type { LabelSource } from './sliding_logits.js';

/** Logits that are held at a time: 16 MB of float32, or two rows where these are more. */
const LOGITS_AT_ONCE = 2 ** 22;

/** How many rows of logits are held at a time, as wide as the network saw the picture. */
export function rowsAtOnce({ padded }: FrameTransform, classes: number): number {
  return Math.floor(LOGITS_AT_ONCE / (classes * padded.width));
}

/**
 * The same labels as of all logits at once.
 * @throws what the logits' source throws, and the signal's reason when aborted.
 */
export async function labelsOfRows(
  source: LabelSource,
  frame: FrameTransform,
  decoder: SegmentationDecoder,
  options: LabelOptions,
): Promise<DecodedLabels> {
  const { original } = frame;
  let whole: Uint8Array | Uint16Array | undefined;
  for await (const { rows, labels } of labelBands(source, frame, decoder, options)) {
    const empty = (length: number) =>
      labels instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
    whole ??= empty(original.width * original.height);
    whole.set(labels, rows.start * original.width);
  }
  return { ...original, labels: whole ?? new Uint8Array(0) };
}

export interface LabelOptions {
  /** As many as the logits have. */
  readonly classes: number;
  readonly signal?: AbortSignal | undefined;
}

/** The labels of `labelsOfRows` in the order in which their logits come, none of them kept. */
export async function* labelBands(
  source: LabelSource,
  frame: FrameTransform,
  decoder: SegmentationDecoder,
  { classes, signal }: LabelOptions,
): AsyncGenerator<LabelBand, void, undefined> {
  if (source.labels !== undefined) {
    yield* source.labels(frame);
    return;
  }
  const all = { start: 0, end: frame.original.height };
  for (const rows of bandsOf(decoder, frame, all, rowsAtOnce(frame, classes))) {
    const logits = await source.logits(decoder.logitRows(frame, rows));
    const { labels } = await decoder.labels(logits, frame, signal, rows);
    yield { rows, labels };
  }
}

/**
 * Rows of the label map in parts, each made of `most` rows of logits or of those of one row, in the order in which their
 * logits come from the top down: from the bottom up where top and bottom have changed places.
 */
export function* bandsOf(
  decoder: SegmentationDecoder,
  frame: FrameTransform,
  rows: Span,
  most: number,
): Generator<Span> {
  const upwards = flipsDown(frame.flip);
  const band = (at: number, count: number): Span =>
    upwards ? { start: at - count, end: at } : { start: at, end: at + count };
  for (let at = upwards ? rows.end : rows.start; at !== (upwards ? rows.start : rows.end); ) {
    const left = upwards ? at - rows.start : rows.end - at;
    let [fits, tooMany] = [1, left + 1];
    while (tooMany - fits > 1) {
      const middle = (fits + tooMany) >> 1;
      const needed = decoder.logitRows(frame, band(at, middle));
      if (needed.end - needed.start <= most) fits = middle;
      else tooMany = middle;
    }
    yield band(at, fits);
    at += upwards ? -fits : fits;
  }
}
