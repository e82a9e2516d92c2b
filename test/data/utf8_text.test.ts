import { expect, test } from 'vitest';
import { readUtf8 } from '../../data/utf8_text.js';
import { temporaryFile } from './temporary.js';

test('letters as they are, without a byte order mark', async () => {
  expect(await readUtf8(temporaryFile('names.csv', '\ufeffbögen,环'), 'CSV')).toBe('bögen,环');
});

test('another encoding is refused: its letters would be others without a word', async () => {
  const file = temporaryFile('latin1.csv', Buffer.from('bögen', 'latin1'));
  await expect(readUtf8(file, 'CSV')).rejects.toThrow(/latin1\.csv: expected CSV\. It is no UTF-8: save it as that/);
});
