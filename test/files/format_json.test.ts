import { describe, expect, it } from 'vitest';
import { formatJson } from '../../files/format_json.js';

const detection = { bbox: [1.25, 2, 3, 4], score: 0.5, category_id: 1, category: 'cat' };

describe('formatJson', () => {
  it('keeps on a line what fits there', () => {
    expect(formatJson({ file: 'a.png', shape: [1, 3, 224, 224], none: [], empty: {} })).toBe(
      '{"file": "a.png", "shape": [1, 3, 224, 224], "none": [], "empty": {}}',
    );
  });

  it('gives an entry a line to what does not', () => {
    const text = formatJson([{ file: 'a.png', width: 640, height: 480, detections: [detection, detection] }]);
    expect(text).toBe(
      [
        '[',
        '  {',
        '    "file": "a.png",',
        '    "width": 640,',
        '    "height": 480,',
        '    "detections": [',
        ...[',', ''].map(
          (comma) => `      {"bbox": [1.25, 2, 3, 4], "score": 0.5, "category_id": 1, "category": "cat"}${comma}`,
        ),
        '    ]',
        '  }',
        ']',
      ].join('\n'),
    );
  });

  it('fills the lines of long lists of plain values, up to 100 characters', () => {
    const lines = formatJson({ values: Array.from({ length: 60 }, (_, i) => 1000 + i), end: 'x'.repeat(40) }, 4).split(
      '\n',
    );
    expect(lines).toHaveLength(9);
    expect(lines[1]).toBe('      "values": [');
    expect(lines[2]).toBe(`        ${Array.from({ length: 15 }, (_, i) => 1000 + i).join(', ')},`);
    expect(lines[2]).toHaveLength(97);
    expect(lines[8]).toBe('    }');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('becomes part of a larger text at its indentation', () => {
    const item = { name: 'x'.repeat(60), other: 'y'.repeat(60) };
    expect(`[\n  ${formatJson(item, 2)}\n]`).toBe(formatJson([item]));
  });

  it.each([
    ['texts with quotes, line breaks and what is not ASCII', ['"', '\\', '\n', 'トマト', '\u2028', '\ud800']],
    [
      'what JSON leaves out of objects and makes null in lists',
      { a: undefined, b: [undefined, () => 1, Number.NaN], c: -0 },
    ],
    ['dates and their like', { at: new Date(0), boxed: Object(1), key: { toJSON: (key: string) => key } }],
    ['holes', new Array(3)],
    ['names of its own', JSON.parse('{"__proto__": {"length": 1}, "": null}')],
    ['plain values', 1e21],
    ['typed arrays as JSON has them', new Float32Array([1, 2])],
  ])('parses to what JSON.stringify parses to: %s', (_, value: unknown) => {
    expect(JSON.parse(formatJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
  });

  it('keeps every digit of a bigint', () => {
    expect(formatJson({ id: 9007199254740993n })).toBe('{"id": 9007199254740993}');
  });

  it('refuses what JSON has no form for', () => {
    expect(() => formatJson(undefined)).toThrow(TypeError);
  });
});
