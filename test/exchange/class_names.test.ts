import { describe, expect, test } from 'vitest';
import { checkClassNames } from '../../exchange/class_names.js';
import { EXCHANGE_FORMATS } from '../../exchange/formats/index.js';
import { xmlText } from '../../exchange/xml.js';

const format = (name: string) => EXCHANGE_FORMATS.get(name, '--format');

describe('names of classes that a format cannot hold', () => {
  test.each([
    [
      'coco',
      ['a', ' '],
      "class 1: expected the name of a class that COCO's annotations can hold: not empty, but received ' '",
    ],
    ['yolo', ['a', 'a'], 'each name once (class 0 has it too)'],
    ['voc', ['a', 'b\nc'], 'one line, with nothing around it'],
    ['voc', ['a:b'], 'without a colon'],
    ['csv', [' a'], 'one line, with nothing around it'],
    ['labelstudio', ['a\u0007'], 'without control characters'],
    ['cvat', ['x'.repeat(65)], 'of 64 characters at most'],
  ])('%s', (name, classes, message) => {
    expect(() => checkClassNames(format(name), classes)).toThrow(message);
  });

  test('commas, quotes, spaces within and other scripts are written by every format', () => {
    for (const name of EXCHANGE_FORMATS.names())
      checkClassNames(format(name), ['a, "b" & <c>', "d's e", '信号', 'no', '1']);
  });
});

test('text in XML keeps what XML has a form for, and is refused where there is none', () => {
  expect(xmlText('<a & "b">\n', 'a.png')).toBe('&lt;a &amp; &quot;b&quot;&gt;&#10;');
  expect(() => xmlText('a\u0000', 'a.png')).toThrow('a.png: expected a text that XML can hold');
  expect(() => xmlText('\ud83d', 'a.png')).toThrow('a.png: expected');
  expect(xmlText('\u{1f600}', 'a.png')).toBe('\u{1f600}');
});
