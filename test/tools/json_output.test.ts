import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recordWriter } from '../../tools/json_output.js';
import { filesIn, temporaryFolder } from './command_line.js';

const cwd = temporaryFolder();
const record = (i: number) => ({
  file: `p${i}.png`,
  width: 64,
  height: 64,
  detections: [{ bbox: [1, 2, 3, i], score: 0.5 }],
});

describe('records, written as they come', () => {
  test.each([1, 3])('%i of them: a list, or a line each', async (count) => {
    const records = Array.from({ length: count }, (_, i) => record(i));
    for (const format of ['json', 'jsonl'] as const) {
      const path = join(cwd, 'below', `out${count}.${format}`);
      await using writer = recordWriter(path, format);
      for (const one of records) await writer.add(one);
      expect(existsSync(path)).toBe(false);
      await writer.finish();
      const text = readFileSync(path, 'utf8');
      expect(text.endsWith('\n')).toBe(true);
      const read: unknown =
        format === 'json'
          ? JSON.parse(text)
          : text
              .trim()
              .split('\n')
              .map((line) => JSON.parse(line));
      expect(read).toEqual(records);
    }
  });

  test('lines of what may have no end: there as they come, and kept when it is given up', async () => {
    const path = join(cwd, 'grown', 'out.jsonl');
    {
      await using writer = recordWriter(path, 'jsonl', { grows: true });
      expect(existsSync(path)).toBe(false);
      await writer.add(record(0));
      expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(record(0))}\n`);
      await writer.add(record(1));
    }
    expect(filesIn(join(cwd, 'grown'))).toEqual(['out.jsonl']);
    expect(readFileSync(path, 'utf8').split('\n')).toEqual([JSON.stringify(record(0)), JSON.stringify(record(1)), '']);
    {
      await using writer = recordWriter(join(cwd, 'grown', 'list.json'), 'json', { grows: true });
      await writer.add(record(0));
    }
    expect(filesIn(join(cwd, 'grown'))).toEqual(['out.jsonl']);
  });

  test('given up, or none at all: no file, and no temporary one', async () => {
    const path = join(cwd, 'none', 'out.json');
    {
      await using writer = recordWriter(path, 'json');
      await writer.finish();
    }
    expect(existsSync(join(cwd, 'none'))).toBe(false);
    {
      await using writer = recordWriter(path, 'json');
      await writer.add(record(0));
    }
    expect(filesIn(join(cwd, 'none'))).toEqual([]);
  });
});
