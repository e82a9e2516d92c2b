/** What is counted, and the text that it is told in. */
import { describe, expect, test, vi } from 'vitest';
import { exposition } from '../../service/exposition.js';
import { counter, gauge, histogram, mergeFamilies } from '../../service/metric_families.js';
import { serviceMetrics } from '../../service/service_metrics.js';
import { openService } from './open_service.js';
import { parseExposition } from './parse_exposition.js';
import { FORM_TYPE, form, png } from './pictures.js';

/** On a busy machine all of this takes its time. */
const PATIENT = { timeout: 30_000 };
const picture = await png(4, 2);
const IMAGE = { 'content-type': 'image/png' };

test('requests, pictures and what they go through are counted', async () => {
  const metrics = serviceMetrics();
  await using service = await openService({ waiting: 3, pictures: 3 }, {}, 1, { metrics });
  const ask = (url: string, payload: Buffer = picture, headers: Readonly<Record<string, string>> = IMAGE) =>
    service.app.inject({ method: 'POST', url, payload, headers });
  const detect = '/v1/models/detect/detect';
  await ask(detect);
  await ask(detect, form(['a', 'b'].map((filename) => ({ filename, content: picture }))), {
    'content-type': FORM_TYPE,
  });
  await ask(detect, Buffer.from('no picture'));
  await ask(`${detect}?top=2`);
  for (const name of ['a', 'b', 'c']) await ask(`/v1/nosuch/${name}`);
  await ask('/%zz');
  await service.app.inject('/v1/models/classify');
  const answer = await service.app.inject('/metrics');
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const values = parseExposition(answer.body);
  const route = 'route="/v1/models/:name/detect"';
  const expected = {
    [`lowformer_requests_total{${route},status="200"}`]: 2,
    [`lowformer_requests_total{${route},status="400"}`]: 1,
    [`lowformer_requests_total{${route},status="422"}`]: 1,
    'lowformer_requests_total{route="/v1/models/:name",status="200"}': 1,
    [`lowformer_request_duration_seconds_count{${route}}`]: 4,
    'lowformer_errors_total{code="invalid-option"}': 1,
    'lowformer_errors_total{code="unreadable-image"}': 1,
    'lowformer_errors_total{code="unknown-path"}': 4,
    'lowformer_pictures_total{model="detect",outcome="answered"}': 3,
    'lowformer_pictures_total{model="detect",outcome="failed"}': 1,
    'lowformer_picture_stage_seconds_count{model="detect",stage="queue"}': 4,
    'lowformer_picture_stage_seconds_count{model="detect",stage="decode"}': 3,
    'lowformer_picture_stage_seconds_count{model="detect",stage="answer"}': 3,
    'lowformer_pictures_waiting{model="detect"}': 0,
    'lowformer_model_info{device="cpu",engine="onnxruntime",model="segment",task="segmentation"}': 1,
    'lowformer_processes{}': 1,
    'lowformer_body_bytes{}': 0,
  };
  expect(Object.fromEntries(Object.keys(expected).map((key) => [key, values.get(key)]))).toEqual(expected);
  expect(values.get('process_resident_memory_bytes{}')).toBeGreaterThan(1e6);
  expect(answer.body).not.toContain('nosuch');
});

test('what waits and what is given up is, too', async () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const metrics = serviceMetrics();
  await using service = await openService({ time: 3000 }, { until: () => opened }, 1, { metrics });
  const asked = Array.from({ length: 3 }, () =>
    service.app.inject({ method: 'POST', url: '/v1/models/detect/detect', payload: picture, headers: IMAGE }),
  );
  const value = async (key: string) => parseExposition((await service.app.inject('/metrics')).body).get(key);
  await vi.waitUntil(async () => (await value('lowformer_pictures_waiting{model="detect"}')) === 1, PATIENT);
  expect((await Promise.all(asked)).map(({ statusCode }) => statusCode)).toEqual([503, 503, 503]);
  expect(await value('lowformer_pictures_total{model="detect",outcome="abandoned"}')).toBe(3);
  expect(await value('lowformer_errors_total{code="too-slow"}')).toBe(3);
  open();
});

describe('the text', () => {
  const counts = counter('a_total', 'With a \\ and\na line.');
  counts.add({ name: 'a "b" \\ c\nd' });
  counts.add({ name: 'e' }, 1e21);
  counts.add({ name: 'e' });
  const times = histogram('b_seconds', 'Times.', [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 7]) times.observe({}, value);

  test('escapes what it has to, and has every bucket', () => {
    const text = exposition([counts.family(), times.family(), counter('none_total', 'None.').family()]);
    expect(text).toBe(
      [
        '# HELP a_total With a \\\\ and\\na line.',
        '# TYPE a_total counter',
        'a_total{name="a \\"b\\" \\\\ c\\nd"} 1',
        'a_total{name="e"} 1e+21',
        '# HELP b_seconds Times.',
        '# TYPE b_seconds histogram',
        'b_seconds_bucket{le="0.1"} 2',
        'b_seconds_bucket{le="1"} 3',
        'b_seconds_bucket{le="+Inf"} 4',
        'b_seconds_sum 7.65',
        'b_seconds_count 4',
        '',
      ].join('\n'),
    );
    expect(parseExposition(text).get('b_seconds_count{}')).toBe(4);
  });

  test('of several processes is their sum, or the largest', () => {
    const other = counter('a_total', 'With a \\ and\na line.');
    other.add({ name: 'f' });
    const merged = mergeFamilies([
      [counts.family(), times.family(), gauge('c', 'Sum.', [[{}, 2]]), gauge('d', 'Largest.', [[{}, 2]], 'largest')],
      [other.family(), times.family(), gauge('c', 'Sum.', [[{}, 3]]), gauge('d', 'Largest.', [[{}, 1]], 'largest')],
    ]);
    const values = parseExposition(exposition(merged));
    expect(values.get('a_total{name="f"}')).toBe(1);
    expect(values.get('b_seconds_bucket{le="1"}')).toBe(6);
    expect([values.get('c{}'), values.get('d{}')]).toEqual([5, 2]);
  });
});
