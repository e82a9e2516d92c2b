/** Counting pairs of labels, the one loop of segmentation scores that sees every pixel. */

type Labels = Uint8Array | Uint16Array;

const BYTE_VALUES = 256;

/** Adds up pairs into cells `[rows, columns]`: the row by `rowOf[label]`, the column by prediction, the last for all beyond. */
export interface PairCounter {
  /** Two arrays of one length, which stays below 2^32 pixels. */
  count(labels: Labels, predictions: Labels, cells: Uint32Array): void;
}

/** Keeps its scratch memory (256 KB) between calls. */
export function createPairCounter(rowOf: Uint16Array, columns: number): PairCounter {
  let bytePairs: Uint32Array | undefined;
  const add = (label: number, prediction: number, times: number, cells: Uint32Array) => {
    const cell = (rowOf[label] ?? 0) * columns + Math.min(prediction, columns - 1);
    cells[cell] = (cells[cell] ?? 0) + times;
  };

  return {
    count(labels, predictions, cells) {
      if (labels instanceof Uint8Array && predictions instanceof Uint8Array) {
        bytePairs ??= new Uint32Array(BYTE_VALUES * BYTE_VALUES);
        bytePairs.fill(0);
        countBytes(labels, predictions, bytePairs);
        foldBytes(bytePairs, rowOf, columns, cells);
        return;
      }
      const labelWords = wordsOf(labels, 2);
      const predictionWords = wordsOf(predictions, 2);
      const words = Math.min(labelWords.length, predictionWords.length);
      let same = 0;
      let labelPair = 0;
      let predictionPair = 0;
      for (let i = 0; i < words; i++) {
        const nextLabels = labelWords[i] ?? 0;
        const nextPredictions = predictionWords[i] ?? 0;
        if (nextLabels === labelPair && nextPredictions === predictionPair) {
          same++;
          continue;
        }
        if (same > 0) {
          add(labelPair & 0xffff, predictionPair & 0xffff, same, cells);
          add(labelPair >>> 16, predictionPair >>> 16, same, cells);
        }
        labelPair = nextLabels;
        predictionPair = nextPredictions;
        same = 1;
      }
      if (same > 0) {
        add(labelPair & 0xffff, predictionPair & 0xffff, same, cells);
        add(labelPair >>> 16, predictionPair >>> 16, same, cells);
      }
      for (let i = words * 2; i < labels.length; i++) add(labels[i] ?? 0, predictions[i] ?? 0, 1, cells);
    },
  };
}

/**
 * Bytes need no table: any pair has its own counter, and what the values mean is asked once a counter, not once a pixel.
 * Four pixels are read as one word. Maps are made of regions, so most words repeat the last: those are counted at once. It
 * also spares the processor from waiting for its own last write to the same counter.
 */
function countBytes(labels: Uint8Array, predictions: Uint8Array, pairs: Uint32Array): void {
  const labelWords = wordsOf(labels, 4);
  const predictionWords = wordsOf(predictions, 4);
  const words = Math.min(labelWords.length, predictionWords.length);
  let same = 0;
  let label = 0;
  let prediction = 0;
  for (let i = 0; i < words; i++) {
    const nextLabel = labelWords[i] ?? 0;
    const nextPrediction = predictionWords[i] ?? 0;
    if (nextLabel === label && nextPrediction === prediction) {
      same++;
      continue;
    }
    if (same > 0) addFour(label, prediction, same, pairs);
    label = nextLabel;
    prediction = nextPrediction;
    same = 1;
  }
  if (same > 0) addFour(label, prediction, same, pairs);
  for (let i = words * 4; i < labels.length; i++) {
    const pair = ((labels[i] ?? 0) << 8) | (predictions[i] ?? 0);
    pairs[pair] = (pairs[pair] ?? 0) + 1;
  }
}

/** The four bytes of two words, matched by place: in whichever order the processor keeps them. */
function addFour(labels: number, predictions: number, times: number, pairs: Uint32Array): void {
  const a = ((labels & 255) << 8) | (predictions & 255);
  pairs[a] = (pairs[a] ?? 0) + times;
  const b = (labels & 0xff00) | ((predictions >>> 8) & 255);
  pairs[b] = (pairs[b] ?? 0) + times;
  const c = ((labels >>> 8) & 0xff00) | ((predictions >>> 16) & 255);
  pairs[c] = (pairs[c] ?? 0) + times;
  const d = ((labels >>> 16) & 0xff00) | (predictions >>> 24);
  pairs[d] = (pairs[d] ?? 0) + times;
}

function foldBytes(pairs: Uint32Array, rowOf: Uint16Array, columns: number, cells: Uint32Array): void {
  for (let label = 0; label < BYTE_VALUES; label++) {
    const row = (rowOf[label] ?? 0) * columns;
    for (let prediction = 0; prediction < BYTE_VALUES; prediction++) {
      const times = pairs[label * BYTE_VALUES + prediction] ?? 0;
      if (times === 0) continue;
      const cell = row + Math.min(prediction, columns - 1);
      cells[cell] = (cells[cell] ?? 0) + times;
    }
  }
}

/** The same memory as 32-bit words, without what is left over; empty where the memory is not aligned or not of that width. */
function wordsOf({ buffer, byteOffset, length, BYTES_PER_ELEMENT }: Labels, valuesPerWord: number): Uint32Array {
  const fits = BYTES_PER_ELEMENT * valuesPerWord === 4 && byteOffset % 4 === 0;
  return fits ? new Uint32Array(buffer, byteOffset, Math.floor(length / valuesPerWord)) : new Uint32Array(0);
}
