import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { byteBudget } from '../../service/byte_budget.js';
import { readBody } from '../../service/read_body.js';

function reading(announced: number | undefined, budget = byteBudget(1000), most = 100) {
  const payload = new PassThrough();
  const held = budget.open();
  return { payload, held, body: readBody(payload, { announced, most, held }) };
}

test('what arrives is what comes, and is held', async () => {
  const budget = byteBudget(1000);
  const { payload, body } = reading(6, budget);
  payload.write('abc');
  payload.end('def');
  expect((await body).toString()).toBe('abcdef');
  expect(budget.held).toBe(6);
});

test('senders who announce much and send nothing hold nothing', async () => {
  const budget = byteBudget(150);
  const silent = Array.from({ length: 5 }, () => reading(100, budget));
  const { payload, body } = reading(100, budget);
  payload.end(Buffer.alloc(100));
  expect(await body).toHaveLength(100);
  silent[0]?.payload.write(Buffer.alloc(51));
  await expect(silent[0]?.body).rejects.toMatchObject({ parts: { status: 429, code: 'busy' } });
});

test('what is too long, too short or broken off is refused', async () => {
  await expect(reading(101).body).rejects.toMatchObject({ parts: { status: 413, code: 'too-large' } });
  const long = reading(undefined);
  long.payload.write(Buffer.alloc(60));
  long.payload.write(Buffer.alloc(60));
  await expect(long.body).rejects.toMatchObject({ parts: { status: 413, code: 'too-large' } });
  const short = reading(6);
  short.payload.end('abc');
  await expect(short.body).rejects.toMatchObject({ parts: { status: 400, code: 'malformed-body' } });
  const broken = reading(6);
  broken.payload.destroy();
  await expect(broken.body).rejects.toMatchObject({ parts: { code: 'gone' } });
});
