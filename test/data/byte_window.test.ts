import { describe, expect, it } from 'vitest';
import { readThroughWindow } from '../../data/byte_window.js';
import { JsonReader } from '../../data/json_reader.js';
import { mistakeOf, temporaryFile } from './temporary.js';

const small = { length: 64, margin: 40 };
const readList = (text: string) => {
  const file = temporaryFile('list.json', text);
  return readThroughWindow(
    file,
    'a list',
    (window) => {
      const json = new JsonReader(window, 'list.json');
      const list: unknown[] = [];
      json.array(() => list.push(json.value()));
      json.end();
      return list;
    },
    small,
  );
};

describe('a list that is longer than the window', () => {
  it('is read whole, element by element', () => {
    const list = Array.from({ length: 100 }, (_, i) => ({ id: i, box: [i, [i + 1]] }));
    expect(readList(JSON.stringify(list))).toEqual(list);
    expect(readList(`\ufeff${JSON.stringify(list, null, 1)}${' '.repeat(200)}`)).toEqual(list);
    expect(readList('[]')).toEqual([]);
  });

  it('names places in the file, not in the window', async () => {
    const long = `[${Array(100).fill('[1, 2]').join(',')}`;
    expect(await mistakeOf(() => readList(`${long},]`))).toContain(`a value at byte ${long.length + 1}`);
    expect(await mistakeOf(() => readList(long))).toContain(`The file ends after ${long.length} bytes`);
    expect(await mistakeOf(() => readList(`${long}] 7`))).toContain(`the end of the file at byte ${long.length + 2}`);
    const large = `[1, "${'x'.repeat(100)}", 2]`;
    expect(await mistakeOf(() => readList(large))).toContain('Entries of more than 40 bytes are not read');
  });

  it('is missing, or empty', async () => {
    expect(await mistakeOf(() => readThroughWindow('/nowhere/a.json', 'a list', () => 0))).toContain('/nowhere/a.json');
    expect(await mistakeOf(() => readList(''))).toContain('It is empty (0 bytes)');
  });
});
