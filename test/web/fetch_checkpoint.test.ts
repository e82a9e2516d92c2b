import { beforeEach, expect, test, vi } from 'vitest';
import { fetchCheckpoint } from '../../web/fetch_checkpoint.js';
import { fakeCheckpoint } from '../weights/download/fake_checkpoint.js';

const FILE = fakeCheckpoint(5000);
const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', FILE.slice()));
const DIGITS = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const NAME = `model_20200130-${DIGITS.slice(0, 8)}.pth`;

let requests: string[] = [];
let kept = new Map<string, Response>();
let answer: () => Response;

beforeEach(() => {
  requests = [];
  kept = new Map();
  answer = () => new Response(FILE.slice(), { headers: { 'content-length': String(FILE.length) } });
  vi.stubGlobal('location', new URL('https://page.test/'));
  vi.stubGlobal('fetch', async (address: string) => {
    requests.push(address);
    return answer();
  });
  vi.stubGlobal('caches', {
    open: async () => ({
      match: async (key: string) => kept.get(key)?.clone(),
      put: async (key: string, response: Response) => void kept.set(key, response),
    }),
  });
  return () => vi.unstubAllGlobals();
});

const bytesOf = async (file: Promise<Blob>) => new Uint8Array(await (await file).arrayBuffer());

test('a file with digits in its name is held to them, and kept', async () => {
  const address = `https://host.test/${NAME}`;
  const seen: string[] = [];
  const first = await bytesOf(
    fetchCheckpoint(address, undefined, ({ received, total }) => seen.push(`${received}/${total}`)),
  );
  expect(first).toEqual(FILE);
  expect(seen[0]).toBe('0/5000');
  expect(seen.at(-1)).toBe('5000/5000');
  expect(await bytesOf(fetchCheckpoint(address, undefined, () => {}))).toEqual(FILE);
  // Other digits are another file.
  await expect(fetchCheckpoint(`${address}#sha256:${'0'.repeat(64)}`, undefined, () => {})).rejects.toThrow(/SHA-256/);
  expect(requests).toEqual([address, address]);
});

test('another file than the digits say is refused, and not kept', async () => {
  await expect(fetchCheckpoint('https://host.test/a.pth', 'c2398f9e', () => {})).rejects.toMatchObject({
    code: 'failed-download',
    message: `https://host.test/a.pth: expected a file whose SHA-256 begins with c2398f9e but received '${DIGITS.slice(0, 16)}'. It is damaged or another file. Try again; if it stays so, the server has another file than was published.`,
  });
  expect(kept.size).toBe(0);
});

test('a file without digits is fetched each time', async () => {
  for (const _ of [1, 2]) await fetchCheckpoint('https://host.test/a.pth', undefined, () => {});
  expect(requests).toHaveLength(2);
  expect(kept.size).toBe(0);
});

test('a browser that keeps nothing fetches it each time', async () => {
  vi.stubGlobal('caches', { open: async () => Promise.reject(new Error('no')) });
  expect(await bytesOf(fetchCheckpoint(`https://host.test/${NAME}`, undefined, () => {}))).toEqual(FILE);
});

test('a server that answers pages of its own site alone is told from one that has no file', async () => {
  answer = () => {
    throw new TypeError('Failed to fetch');
  };
  await expect(fetchCheckpoint('https://host.test/a.pth', undefined, () => {})).rejects.toThrow(
    /but received 'no answer'\. Failed to fetch\. There is no network, or that server gives its files to no page of another site \(CORS\): save the file by itself/,
  );
  await expect(fetchCheckpoint('https://page.test/a.pth', undefined, () => {})).rejects.toThrow(/Failed to fetch\.$/);
  answer = () => new Response('', { status: 404 });
  await expect(fetchCheckpoint('https://host.test/a.pth', undefined, () => {})).rejects.toThrow(/the answer 404/);
});
