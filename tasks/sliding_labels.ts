/** A label map from logits that come row by row, as they do where windows are joined. */
import type { FrameTransform, Span } from '../core/frame.js';
import type { DecodedLabels, SegmentationDecoder } from '../registry/define.js';
import type { JoinedLogits } from './sliding_logits.js';

/** Logits that are held at a time: 16 MB of float32, or two rows where these are more. */
const LOGITS_AT_ONCE = 2 ** 22;

/**
 * The same labels as of all logits at once.
 * @param classes as many as the logits have.
 * @throws what the logits' source throws, and the signal's reason when aborted.
 */
export async function labelsOfRows(
  logits: JoinedLogits,
  frame: FrameTransform,
  decoder: SegmentationDecoder,
  { classes, signal }: { readonly classes: number; readonly signal?: AbortSignal | undefined },
): Promise<DecodedLabels> {
  const { original, padded } = frame;
  const most = Math.floor(LOGITS_AT_ONCE / (classes * padded.width));
  let whole: Uint8Array | Uint16Array | undefined;
  for (let start = 0; start < original.height; ) {
    const rows = { start, end: rowsWithin(decoder, frame, start, most) };
    const { labels } = await decoder.labels(await logits(decoder.logitRows(frame, rows)), frame, signal, rows);
    const empty = (length: number) =>
      labels instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
    whole ??= empty(original.width * original.height);
    whole.set(labels, start * original.width);
    start = rows.end;
  }
  return { ...original, labels: whole ?? new Uint8Array(0) };
}

/** The end of as many rows of the label map as are made of `most` rows of logits; of one at least. */
function rowsWithin(decoder: SegmentationDecoder, frame: FrameTransform, start: number, most: number): number {
  const needed = (end: number) => {
    const span: Span = decoder.logitRows(frame, { start, end });
    return span.end - span.start;
  };
  let [fits, tooMany] = [start + 1, frame.original.height + 1];
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    if (needed(middle) <= most) fits = middle;
    else tooMany = middle;
  }
  return fits;
}
