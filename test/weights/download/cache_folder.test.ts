import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder } from '../../../weights/download/cache_folder.js';

const none = {};
test.each([
  ['linux', none, join('/home/a', '.cache', 'lowformer')],
  ['linux', { XDG_CACHE_HOME: '/big/cache' }, join('/big/cache', 'lowformer')],
  ['linux', { XDG_CACHE_HOME: 'relative' }, join('/home/a', '.cache', 'lowformer')],
  ['darwin', none, join('/home/a', 'Library', 'Caches', 'lowformer')],
  ['win32', { LOCALAPPDATA: 'C:\\Local' }, join('C:\\Local', 'lowformer', 'Cache')],
  ['win32', none, join('/home/a', 'AppData', 'Local', 'lowformer', 'Cache')],
  ['linux', { LOWFORMER_CACHE: 'here', XDG_CACHE_HOME: '/big/cache' }, resolve('here')],
  ['linux', { LOWFORMER_CACHE: '' }, join('/home/a', '.cache', 'lowformer')],
] as const)('%s %j', (platform, environment, expected) => {
  expect(cacheFolder(environment, platform, '/home/a')).toBe(expected);
});
