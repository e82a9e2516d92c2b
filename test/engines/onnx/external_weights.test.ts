import { describe, expect, it } from 'vitest';
import { separateWeights } from '../../../engines/onnx/external_weights.js';
import { chain, fixture } from '../models.js';

/** Runs the parting to its end: the weights file and the model. */
function part(chunks: readonly Uint8Array[]) {
  const byteLength = chunks.reduce((sum, { length }) => sum + length, 0);
  const pieces = separateWeights({ byteLength, chunks: () => chunks }, 'w.bin');
  const weights: Uint8Array[] = [];
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return { weights: Buffer.concat(weights), model: Buffer.from(value) };
    weights.push(value.slice());
  }
}

describe('separateWeights', () => {
  it('leaves a model without large tensors as it is, to the byte', () => {
    for (const name of ['conv', 'slow', 'int64', 'chain_48'] as const) {
      const bytes = [...fixture(name).chunks()];
      const { weights, model } = part(bytes);
      expect(weights.length).toBe(0);
      expect(model.equals(Buffer.concat(bytes))).toBe(true);
    }
  });

  it('moves large tensors out, each at the start of a page, and names the place', () => {
    const chunks = [...chain(1).chunks()];
    const { weights, model } = part(chunks);
    const [first, weight] = [chunks.at(-1 - 2), chunks.at(-1)];
    // `first` has 12 KiB: it stays.
    expect(model.includes(Buffer.from(first ?? []))).toBe(true);
    expect(weights.equals(Buffer.from(weight ?? []))).toBe(true);
    expect(model.length).toBeLessThan(13_000);
    // external_data (field 13) entries {key, value}, then data_location (field 14) EXTERNAL.
    const entry = (key: string, value: string) =>
      `\x6a${String.fromCharCode(4 + key.length + value.length)}\x0a${String.fromCharCode(key.length)}${key}\x12${String.fromCharCode(value.length)}${value}`;
    const place = `${entry('location', 'w.bin')}${entry('offset', '0')}${entry('length', '4194304')}\x70\x01`;
    expect(model.subarray(-place.length).toString('latin1')).toBe(place);

    const many = part([...chain(48).chunks()]);
    expect(many.weights.length).toBe(48 * 4194304);
    expect(many.model.toString('latin1')).toContain(entry('offset', String(47 * 4194304)));
  });

  it('gives the same whatever the sizes of the chunks', () => {
    const whole = Buffer.concat([...chain(1).chunks()]);
    const expected = part([whole]);
    for (const step of [1 << 20, 4099, 61]) {
      const chunks: Uint8Array[] = [new Uint8Array()];
      for (let at = 0; at < whole.length; at += step) chunks.push(whole.subarray(at, at + step), new Uint8Array());
      const { weights, model } = part(chunks);
      expect(weights.equals(expected.weights)).toBe(true);
      expect(model.equals(expected.model)).toBe(true);
    }
  });

  it('refuses bytes that end in the middle of a field, wherever they end', () => {
    const whole = Buffer.concat([...fixture('conv').chunks()]);
    let refused = 0;
    for (let length = 1; length < whole.length; length++) {
      try {
        part([whole.subarray(0, length)]);
      } catch (error) {
        expect(error).toMatchObject({ code: 'engine-failure', message: expect.stringContaining('an ONNX model') });
        refused++;
      }
    }
    // It may end between two fields of the outermost message, of which there are few.
    expect(refused).toBeGreaterThan(whole.length - 10);
  });
});
