/** Downloads from a server on this machine that misbehaves in every way that servers do. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkpointAddress } from '../../../weights/download/address.js';
import { type DownloadOptions, download } from '../../../weights/download/download.js';
import { fakeCheckpoint } from './fake_checkpoint.js';
import { sendFile, sha256, startProxy, startServer } from './file_server.js';

const FILE = fakeCheckpoint(3_000_000);
const DIGITS = sha256(FILE);
/** Named as OpenMMLab does. */
const NAME = `model_1x_coco_20200130-${DIGITS.slice(0, 8)}.pth`;
const QUICK = { pause: 1, patience: { connect: 2000, silence: 5000 } };

beforeEach(() => {
  // What the machine says of proxies is not what is tested.
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) {
    vi.stubEnv(name, '');
    vi.stubEnv(name.toLowerCase(), '');
  }
  for (const name of ['LOWFORMER_OFFLINE', 'LOWFORMER_MAX_DOWNLOAD']) vi.stubEnv(name, '');
  return () => vi.unstubAllEnvs();
});

function newCache(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** With the lines that were said. */
async function get(address: string, cache: string, options: DownloadOptions = {}) {
  const lines: string[] = [];
  const all = { ...QUICK, say: (line: string) => lines.push(line), ...options, cache };
  return { ...(await download(checkpointAddress(address), all)), lines };
}

/** What is left in a cache: names without the key of the address. */
function filesIn(cache: string): readonly string[] {
  if (!existsSync(cache)) return [];
  return readdirSync(cache, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

test('comes whole, is checked by its name, and is asked for once', async () => {
  const cache = newCache();
  const { base, requests } = await startServer((request, response) => sendFile(request, response, FILE));
  const seen: [number, number | undefined, string][] = [];
  const found = await get(`${base}/a/${NAME}`, cache, {
    about: '3 MB',
    onProgress: ({ received, total, state }) => seen.push([received, total, state]),
  });
  expect(found).toMatchObject({ bytes: FILE.length, sha256: DIGITS, wasCached: false });
  expect(sha256(readFileSync(found.path))).toBe(DIGITS);
  expect(found.lines).toEqual([`downloading ${base}/a/${NAME} (3 MB)`]);
  expect(seen[0]).toEqual([0, FILE.length, 'running']);
  expect(seen.at(-1)).toEqual([FILE.length, FILE.length, 'done']);
  expect(await get(`${base}/a/${NAME}`, cache)).toMatchObject({ path: found.path, wasCached: true, lines: [] });
  expect(await get(`${base}/a/${NAME}`, cache, { offline: true })).toMatchObject({ wasCached: true });
  expect(requests).toEqual([`GET /a/${NAME}`]);
  expect(filesIn(cache)).toEqual([NAME, `${NAME}.json`]);
});

test('without a checksum it is said once, with the digits', async () => {
  const cache = newCache();
  const { base } = await startServer((request, response) => sendFile(request, response, FILE));
  const { lines } = await get(`${base}/model.pth`, cache);
  expect(lines.at(-1)).toBe(
    `${base}/model.pth: nothing says what its SHA-256 has to be; to have it checked, write #sha256:${DIGITS} behind it`,
  );
  expect((await get(`${base}/model.pth`, cache)).lines).toEqual([]);
});

describe('a connection that is cut', () => {
  test('is taken up where it was', async () => {
    let count = 0;
    const { base, requests } = await startServer((request, response) =>
      sendFile(request, response, FILE, { etag: '"1"', ...(count++ < 2 && { cutAfter: 1_000_000 }) }),
    );
    const found = await get(`${base}/model.pth`, newCache());
    expect(sha256(readFileSync(found.path))).toBe(DIGITS);
    expect(requests).toEqual(['GET /model.pth', 'GET /model.pth bytes=1000000-', 'GET /model.pth bytes=2000000-']);
    expect(found.lines.slice(1, 3)).toEqual([
      `${base}/model.pth: the connection was cut, at 1.0 MB: trying again in 0.001 s`,
      `${base}/model.pth: the connection was cut, at 2.0 MB: trying again in 0.002 s`,
    ]);
  });

  test('begins anew where the server gives no parts', async () => {
    let count = 0;
    const { base } = await startServer((request, response) =>
      sendFile(request, response, FILE, { ranges: false, ...(count++ < 2 && { cutAfter: 1_000_000 }) }),
    );
    expect(await get(`${base}/${NAME}`, newCache())).toMatchObject({ sha256: DIGITS });
  });

  test('begins anew where nothing tells one version of the file from another', async () => {
    let count = 0;
    const { base, requests } = await startServer((request, response) =>
      sendFile(request, response, FILE, count++ === 0 ? { cutAfter: 1_000_000 } : {}),
    );
    expect(await get(`${base}/model.pth`, newCache())).toMatchObject({ sha256: DIGITS });
    expect(requests).toEqual(['GET /model.pth', 'GET /model.pth']);
  });

  test('begins anew where the file has changed meanwhile', async () => {
    const later = fakeCheckpoint(3_000_000, 2);
    let count = 0;
    const { base } = await startServer((request, response) =>
      count++ === 0
        ? sendFile(request, response, FILE, { etag: '"1"', cutAfter: 1_000_000 })
        : sendFile(request, response, later, { etag: '"2"' }),
    );
    expect(await get(`${base}/model.pth`, newCache())).toMatchObject({ sha256: sha256(later) });
  });

  test('begins anew where parts of two files were put together', async () => {
    const other = fakeCheckpoint(3_000_000, 2);
    let count = 0;
    const { base } = await startServer((request, response) =>
      sendFile(request, response, count === 0 ? other : FILE, count++ === 0 ? { cutAfter: 1_000_000 } : {}),
    );
    const { sha256: digits, lines } = await get(`${base}/${NAME}`, newCache());
    expect(digits).toBe(DIGITS);
    expect(lines.at(-1)).toBe(`${base}/${NAME}: the parts of it do not make the file: it is downloaded as a whole`);
  });

  test('is given up in the end, and what has come is kept for the next time', async () => {
    const cache = newCache();
    let isCut = true;
    const { base, requests } = await startServer((request, response) =>
      sendFile(request, response, FILE, { etag: '"1"', ...(isCut && { cutAfter: 100_000 }) }),
    );
    await expect(get(`${base}/${NAME}`, cache)).rejects.toThrow(
      `${base}/${NAME}: expected a file to download. The connection was cut after 500.0 kB of 3.0 MB, and 5 tries brought no more. What has come is kept: try again later.`,
    );
    expect(filesIn(cache)).toEqual([`${NAME}.part`, `${NAME}.part.json`]);
    isCut = false;
    const { lines } = await get(`${base}/${NAME}`, cache);
    expect(lines).toEqual([`downloading ${base}/${NAME}, the rest of a file of which 500.0 kB are here`]);
    expect(requests.at(-1)).toBe(`GET /${NAME} bytes=500000-`);
    expect(filesIn(cache)).toEqual([NAME, `${NAME}.json`]);
  });

  test('by a server that stops sending', async () => {
    let count = 0;
    const { base } = await startServer((request, response) => {
      if (count++ > 0) return sendFile(request, response, FILE, { etag: '"1"' });
      response.writeHead(200, { 'content-length': FILE.length, etag: '"1"' });
      response.write(FILE.subarray(0, 1_000_000));
    });
    const found = await get(`${base}/${NAME}`, newCache(), { patience: { connect: 1000, silence: 500 } });
    expect(found.lines[1]).toBe(`${base}/${NAME}: the server stopped sending, at 1.0 MB: trying again in 0.001 s`);
    expect(found.sha256).toBe(DIGITS);
  });

  test('by whoever does not want it any more', async () => {
    const cache = newCache();
    const { base } = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': FILE.length, etag: '"1"' });
      response.write(FILE.subarray(0, 1_000_000));
    });
    const reason = new Error('no more');
    const controller = new AbortController();
    const onProgress = ({ received }: { received: number }) => {
      if (received > 500_000) controller.abort(reason);
    };
    await expect(get(`${base}/${NAME}`, cache, { signal: controller.signal, onProgress })).rejects.toBe(reason);
    expect(filesIn(cache)).toEqual([`${NAME}.part`, `${NAME}.part.json`]);
  });
});

test('a file that was there as a whole, but not in its place, is not asked for again', async () => {
  const cache = newCache();
  const { base, requests } = await startServer((request, response) => sendFile(request, response, FILE));
  const { path } = await get(`${base}/${NAME}`, cache);
  rmSync(path);
  writeFileSync(`${path}.part`, FILE);
  expect(await get(`${base}/${NAME}`, cache)).toMatchObject({ sha256: DIGITS, wasCached: false });
  expect(requests).toHaveLength(1);
});

test('a file in the cache that has lost its end is downloaded again', async () => {
  const cache = newCache();
  const { base } = await startServer((request, response) => sendFile(request, response, FILE));
  const { path } = await get(`${base}/${NAME}`, cache);
  writeFileSync(path, FILE.subarray(0, 5));
  expect(await get(`${base}/${NAME}`, cache)).toMatchObject({ wasCached: false });
  expect(sha256(readFileSync(path))).toBe(DIGITS);
});

test('two at once download once', async () => {
  const cache = newCache();
  const { base, requests } = await startServer((request, response) => {
    setTimeout(() => sendFile(request, response, FILE), 300);
  });
  const both = await Promise.all([get(`${base}/${NAME}`, cache), get(`${base}/${NAME}`, cache)]);
  expect(both.map(({ wasCached }) => wasCached).sort()).toEqual([false, true]);
  expect(both.flatMap(({ lines }) => lines).sort()).toEqual([
    `downloading ${base}/${NAME}`,
    `${base}/${NAME}: another process downloads it: waiting`,
  ]);
  expect(requests).toHaveLength(1);
  expect(filesIn(cache)).toEqual([NAME, `${NAME}.json`]);
});

describe('is refused, in one message, with nothing left', () => {
  const html = '<!doctype html><title>Log in</title>'.padEnd(5000);
  const answers: readonly [string, RequestListener, RegExp, DownloadOptions][] = [
    [
      '404',
      (_, response) => response.writeHead(404).end('no'),
      /The server answers 404: it has no such file\. Look at the address/,
      {},
    ],
    [
      '401',
      (_, response) => response.writeHead(401).end(),
      /answers 401, which wants one to log in\. Download it by other means/,
      {},
    ],
    ['403', (_, response) => response.writeHead(403).end(), /answers 403, which does not give it to everybody/, {}],
    [
      'a login page',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html),
      /The server sends a web page/,
      {},
    ],
    [
      'a login page that is called a file',
      (_, response) => response.writeHead(200).end(html),
      /The server sends a web page/,
      {},
    ],
    [
      'another kind of file',
      (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"error": "none"}'),
      /expected a checkpoint .*What the server sends is another file \(application\/json\)/,
      {},
    ],
    [
      'another file',
      (request, response) => sendFile(request, response, fakeCheckpoint(2000, 2)),
      new RegExp(
        `expected a file whose SHA-256 begins with ${DIGITS.slice(0, 8)} but received '[0-9a-f]{16}'\\. It is damaged`,
      ),
      {},
    ],
    [
      'a server without end',
      (_, response) => response.writeHead(503).end(),
      /The server answers 503: it is busy\. 5 tries made no/,
      {},
    ],
    [
      'a length that is too long',
      (_, response) => response.writeHead(200, { 'content-length': 5e9 }).end(),
      /expected a file of at most 4\.0 GB\. This one has 5\.0 GB or more\. LOWFORMER_MAX_DOWNLOAD=6/,
      {},
    ],
    [
      'more than was said',
      (request, response) => {
        request.on('close', () => {});
        response.write(FILE);
        response.end();
      },
      /expected a file of at most 1\.0 MB/,
      { maxBytes: 1e6 },
    ],
    [
      'a shorter length than the file has',
      (_, response) => {
        response.socket?.end(
          Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n'), FILE.subarray(0, 5000)]),
        );
      },
      /whose SHA-256 begins/,
      {},
    ],
    [
      'a packed file',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('xx'),
      /The server sends it packed \(gzip\)/,
      {},
    ],
    [
      'redirects in a circle',
      (request, response) => response.writeHead(302, { location: request.url === '/a' ? '/b' : '/a' }).end(),
      /The server sends one in a circle, back to http:/,
      {},
    ],
    [
      'redirects on and on',
      (request, response) => response.writeHead(302, { location: `${request.url}x` }).end(),
      /The server sends one on and on: 6 times/,
      {},
    ],
    [
      'a redirect to where it is not protected',
      (_, response) => response.writeHead(302, { location: 'http://example.test/a.pth' }).end(),
      /sends one to http:\/\/example\.test\/a\.pth, which is not protected/,
      {},
    ],
    [
      'a redirect to a file of the server',
      (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      /which is not protected/,
      {},
    ],
  ];
  test.each(answers)('%s', async (_name, answer, message, options) => {
    const cache = newCache();
    const { base } = await startServer(answer);
    const failure = await get(`${base}/${NAME}`, cache, options).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'failed-download', message: expect.stringMatching(message) });
    expect(filesIn(cache)).toEqual([]);
  });

  test('a length that the file does not have', async () => {
    const cache = newCache();
    const { base } = await startServer((request, response) => {
      const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
      response.writeHead(start === 0 ? 200 : 206, {
        etag: '"1"',
        'content-length': FILE.length + 1000 - start,
        ...(start > 0 && { 'content-range': `bytes ${start}-${FILE.length + 999}/${FILE.length + 1000}` }),
      });
      response.write(FILE.subarray(start), () => setTimeout(() => response.destroy(), 20));
    });
    await expect(get(`${base}/${NAME}`, cache)).rejects.toThrow(/The connection was cut after 3\.0 MB of 3\.0 MB/);
    expect(filesIn(cache)).not.toContain(NAME);
  });

  test('no server', async () => {
    const cache = newCache();
    const { base } = await startServer(() => {});
    const port = Number(new URL(base).port);
    const elsewhere = `http://127.0.0.1:${port === 65_535 ? 1 : 9}/${NAME}`;
    await expect(get(elsewhere, cache)).rejects.toThrow(
      `${elsewhere}: expected a file to download. Nothing answers at that host and port.`,
    );
    await expect(get(`http://nowhere.invalid/${NAME}#sha256:${DIGITS}`, cache)).rejects.toThrow(/no network/);
    expect(filesIn(cache)).toEqual([]);
  });

  test('offline', async () => {
    const cache = newCache();
    const { base, requests } = await startServer((request, response) => sendFile(request, response, FILE));
    const message = /expected a file in the cache, since nothing is downloaded offline\. It would be .*model_1x/;
    await expect(get(`${base}/${NAME}`, cache, { offline: true })).rejects.toThrow(message);
    vi.stubEnv('LOWFORMER_OFFLINE', '1');
    await expect(get(`${base}/${NAME}`, cache)).rejects.toThrow(message);
    expect(requests).toEqual([]);
  });
});

test('redirects are followed', async () => {
  const { base, requests } = await startServer((request, response) =>
    request.url === '/moved'
      ? sendFile(request, response, FILE)
      : response.writeHead(302, { location: '/moved' }).end(),
  );
  expect(await get(`${base}/${NAME}`, newCache())).toMatchObject({ sha256: DIGITS });
  expect(requests).toEqual([`GET /${NAME}`, 'GET /moved']);
});

test('proxies of the environment are used, but for NO_PROXY', async () => {
  const server = await startServer((request, response) => sendFile(request, response, FILE));
  const proxy = await startProxy(server);
  vi.stubEnv('HTTP_PROXY', proxy.base);
  vi.stubEnv('http_proxy', proxy.base);
  // A host that only the proxy knows.
  const address = `http://models.invalid/${NAME}#sha256:${DIGITS}`;
  expect(await get(address, newCache())).toMatchObject({ sha256: DIGITS });
  expect(proxy.requests).toEqual(['CONNECT models.invalid:80']);
  vi.stubEnv('NO_PROXY', 'models.invalid');
  vi.stubEnv('no_proxy', 'models.invalid');
  await expect(get(address, newCache())).rejects.toThrow(/no host of that name, or no network|there is no network/);
  vi.stubEnv('no_proxy', '');
  vi.stubEnv('http_proxy', 'not a proxy');
  await expect(get(address, newCache())).rejects.toThrow(/HTTPS_PROXY, HTTP_PROXY: expected the address of a proxy/);
});

test('a mirror is asked in place of the address, and the file is that of the address', async () => {
  const cache = newCache();
  const { base, requests } = await startServer((request, response) => sendFile(request, response, FILE));
  const address = `https://models.invalid/v2/${NAME}`;
  expect(await get(address, cache, { from: `${base}/v2/${NAME}` })).toMatchObject({ address, sha256: DIGITS });
  expect(await get(address, cache)).toMatchObject({ wasCached: true });
  expect(requests).toHaveLength(1);
});
