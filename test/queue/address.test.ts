import { describe, expect, test } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { queueAddress } from '../../queue/address.js';
import { mapPath, pathPair } from '../../queue/path_map.js';

describe('an address', () => {
  test.each([
    ['redis://localhost', 'redis://localhost'],
    ['redis://:secret@node1:7000/2', 'redis://node1:7000/2'],
    ['rediss://someone:secret@node1', 'rediss://node1'],
  ])('%s is shown without its password', (text, shown) => {
    expect(queueAddress(text, undefined)).toEqual({ whole: text, shown });
  });

  test('takes the password of the environment where it has none', () => {
    expect(queueAddress('redis://node1', 'a b/c').whole).toBe('redis://:a%20b%2Fc@node1');
    expect(queueAddress('redis://:own@node1', 'other').whole).toBe('redis://:own@node1');
  });

  test.each([
    'node1:6379',
    'http://:secret@node1',
    'redis://:secret@',
    'redis://node1/a',
    'redis://node1?x=secret',
    '',
  ])('%s is refused, and not repeated', (text) => {
    const call = () => queueAddress(text, undefined);
    expect(call).toThrow(LowformerError);
    expect(call).toThrow("--queue: expected a Redis or Valkey server's address");
    expect(call).not.toThrow('secret');
  });
});

describe('a path', () => {
  const pairs = ['/data=/mnt/data', '/data/val=/fast', 'C:\\sets=/mnt/sets/'].map(pathPair);
  test.each([
    ['/data/a.png', '/mnt/data/a.png'],
    ['/data/val/a.png', '/fast/a.png'],
    ['/data', '/mnt/data'],
    ['/database/a.png', '/database/a.png'],
    ['C:\\sets\\a.png', '/mnt/sets\\a.png'],
    ['/other/a.png', '/other/a.png'],
  ])('%s is %s on a worker', (there, here) => {
    expect(mapPath(there, pairs)).toBe(here);
  });

  test('below the root is mapped, too', () => {
    expect(mapPath('/a.png', [pathPair('/=/mnt')])).toBe('/mnt/a.png');
  });

  test.each(['/data', '=/mnt', '/data='])('%s is no pair', (text) => {
    expect(() => pathPair(text)).toThrow('--path-map: expected FROM=TO');
  });
});
