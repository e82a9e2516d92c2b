import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { RgbImage } from '../../core/frame.js';
import { decodeImage } from '../../images/decode.js';
import { type ImageSource, loadImage, sourceName } from '../../models/image_source.js';

const path = fileURLToPath(new URL('../fixtures/images/gray.png', import.meta.url));
const bytes = readFileSync(path);
const buffer = new Uint8Array(bytes).buffer;
const load = (source: unknown, transfer = false) =>
  // The library's callers may have no compiler.
  loadImage(source as ImageSource, { name: 'upload', transfer });

function shared(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(1000);
  for (let at = 0; at < bytes.length; at += piece.length) {
    const part = bytes.subarray(at, at + piece.length);
    piece.set(part);
    yield piece.subarray(0, part.length);
  }
}

describe('an encoded picture is read from', () => {
  test.each<[string, () => unknown]>([
    ['a path', () => path],
    ['a file: URL', () => pathToFileURL(path)],
    ['the text of a file: URL', () => pathToFileURL(path).href],
    ['a Buffer', () => bytes],
    ['a Uint8Array', () => new Uint8Array(bytes)],
    ['an ArrayBuffer', () => buffer],
    ['a SharedArrayBuffer', shared],
    ['a Uint8Array on shared memory', () => new Uint8Array(shared())],
    ['a DataView', () => new DataView(buffer)],
    ['a Blob', () => new Blob([bytes])],
    ['a File', () => new File([bytes], 'gray.png')],
    ['a web stream', () => new Blob([bytes]).stream()],
    ['a Node stream', () => Readable.from([bytes.subarray(0, 99), bytes.subarray(99)])],
    ['an async iterable that fills one piece again and again', pieces],
  ])('%s', async (_, source) => {
    const expected = await decodeImage(path);
    for (const transfer of [false, true]) expect(await load(source(), transfer)).toEqual(expected);
  });

  test('an open file’s stream', async () => {
    const file = await open(path);
    expect(await load(file.createReadStream())).toEqual(await decodeImage(path));
  });
});

describe('raw pixels', () => {
  const rgb = Uint8Array.of(1, 2, 3, 4, 5, 6);

  test.each<[string, unknown, readonly number[]]>([
    ['RGB', { width: 2, height: 1, data: rgb }, [1, 2, 3, 4, 5, 6]],
    ['RGB, clamped', { width: 2, height: 1, data: Uint8ClampedArray.from(rgb) }, [1, 2, 3, 4, 5, 6]],
    ['RGBA', { width: 2, height: 1, data: Uint8ClampedArray.of(1, 2, 3, 0, 4, 5, 6, 9) }, [1, 2, 3, 4, 5, 6]],
    ['grey', { width: 2, height: 1, data: Uint8Array.of(7, 9) }, [7, 7, 7, 9, 9, 9]],
    ['a Buffer', { width: 1, height: 2, data: Buffer.from(rgb) }, [1, 2, 3, 4, 5, 6]],
  ])('%s', async (_, source, expected) => {
    for (const transfer of [false, true]) {
      const image: RgbImage = await load(source, transfer);
      expect([...image.data]).toEqual(expected);
      expect(image.data).toBeInstanceOf(Uint8Array);
    }
  });

  test('are copied before the call returns, unless they are handed over', async () => {
    const data = Uint8Array.from(rgb);
    const loading = load({ width: 2, height: 1, data });
    data.fill(0);
    expect([...(await loading).data]).toEqual([...rgb]);
    expect((await load({ width: 2, height: 1, data }, true)).data).toBe(data);
  });

  test('encoded bytes too', async () => {
    const own = new Uint8Array(bytes);
    const loading = load(own);
    own.fill(0);
    expect(await loading).toEqual(await decodeImage(path));
  });

  test.each<[string, unknown, string]>([
    ['Float32Array', new Float32Array(6), "data of type Float32Array'. Scale other numbers to 0…255 first"],
    ['Int8Array', new Int8Array(6), 'data of type Int8Array'],
    ['Uint16Array', new Uint16Array(6), 'data of type Uint16Array'],
    ['an array', [1, 2, 3, 4, 5, 6], 'data of type Array'],
    ['nothing', undefined, 'data of type undefined'],
    ['null', null, 'data of type object'],
    [
      'another length',
      new Uint8Array(5),
      "2x1 with 5 bytes'. That is width * height * 3 bytes, 6 (RGB), 8 (RGBA) or 2 (grey)",
    ],
  ])('%s is refused', async (_, data, message) => {
    await expect(load({ width: 2, height: 1, data })).rejects.toMatchObject({
      name: 'LowformerError',
      code: 'invalid-argument',
      path: 'upload',
      message: expect.stringContaining(message),
    });
  });

  test.each([
    [0, 1],
    [2.5, 1],
    ['2', 1],
    [Number.NaN, 1],
  ])('of %d x %d pixels are refused', async (width, height) => {
    await expect(load({ width, height, data: rgb })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe('what is no picture is said to be none, and what is one', () => {
  test.each<[string, unknown, string]>([
    ['undefined', undefined, "received 'undefined'"],
    ['null', null, 'received null'],
    ['a number', 7, 'received 7'],
    ['a function', () => 1, 'received () => 1'],
    ['an object', { pixels: 3 }, 'received {"pixels":3}'],
    ['an array', [path], 'Several pictures: predictBatch or predictMany'],
    ['a Float32Array', new Float32Array(4), "received 'Float32Array'"],
    ['an Int8Array', new Int8Array(4), "received 'Int8Array'"],
    ['a Uint8ClampedArray', new Uint8ClampedArray(4), "received 'Uint8ClampedArray'"],
    ['an address', 'https://example.org/a.jpg', 'Fetch it first'],
    ['an address as URL', new URL('https://example.org/a.jpg'), 'Fetch it first'],
    ['a data URL', 'data:image/png;base64,AAAA', 'Fetch it first'],
    ['a Response', new Response('x'), 'Give await response.arrayBuffer()'],
    ['a stream of text', Readable.from(['text']), 'a stream of Uint8Array chunks'],
  ])('%s', async (_, source, message) => {
    await expect(load(source)).rejects.toMatchObject({
      name: 'LowformerError',
      code: 'invalid-argument',
      path: 'upload',
      message: expect.stringContaining(message),
    });
  });

  test('a stream without an end is left after 512 MiB', async () => {
    const megabyte = new Uint8Array(2 ** 25);
    let given = 0;
    const endless = (async function* () {
      for (;;) {
        given++;
        yield megabyte;
      }
    })();
    await expect(load(endless)).rejects.toThrow('a stream of at most 536870912 bytes');
    expect(given).toBe(17);
  });

  test('paths that look a little like addresses are paths', async () => {
    for (const name of ['C:\\pictures\\a.jpg', 'a:b.jpg', 'data:1.png']) {
      await expect(load(name)).rejects.toThrow('There is no such file');
    }
  });
});

test('what messages call a picture', () => {
  expect(sourceName('a.jpg', 3)).toBe('a.jpg');
  expect(sourceName(pathToFileURL(path), 3)).toBe(path);
  expect(sourceName(new File([], 'b.png'), 3)).toBe('b.png');
  expect(sourceName(bytes, 3)).toBe('picture 3');
  expect(sourceName(bytes)).toBe('picture');
});
