import { expect, test } from 'vitest';
import { recordWriter } from '../../tools/json_output.js';
import { needs } from '../needs.js';

// Longer than any text can be in memory.
test('600 MB of records, in memory that stays', needs('notWindows', process.platform !== 'win32'), async () => {
  const detections = Array.from({ length: 20 }, (_, i) => ({ bbox: [i, 2, 3, 4], category: 'x'.repeat(50_000) }));
  await using writer = recordWriter('/dev/null', 'json');
  const memory: number[] = [];
  for (let i = 0; i < 600; i++) {
    await writer.add({ file: `p${i}.png`, width: 64, height: 64, detections });
    if (i % 20 === 0) memory.push(process.memoryUsage.rss());
  }
  await writer.finish();
  const [early = 0, late = 0] = [Math.max(...memory.slice(0, 15)), Math.max(...memory.slice(15))];
  expect((late - early) / 2 ** 20).toBeLessThan(64);
});
