/** Where downloaded files are kept: each system has a place for what can be fetched again. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `LOWFORMER_CACHE`; else `lowformer` in `XDG_CACHE_HOME`, `%LOCALAPPDATA%` (Windows), `~/Library/Caches` (macOS) or
 * `~/.cache`.
 */
export function cacheFolder(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const { LOWFORMER_CACHE: own, XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (own !== undefined && own !== '') return resolve(own);
  // The specification has relative paths ignored.
  if (xdg?.startsWith('/') === true) return join(xdg, 'lowformer');
  if (platform === 'win32') return join(local ?? join(home, 'AppData', 'Local'), 'lowformer', 'Cache');
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'lowformer') : join(home, '.cache', 'lowformer');
}
