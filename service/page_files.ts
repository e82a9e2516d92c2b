/**
 * The page to try the server with: it asks this server alone, and shows what came back. It is
 * `tools/web/served.html`, as `tools/build/bundle_page.js` bundles it.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LowformerError } from '../core/errors.js';
import { packageRoot } from '../files/package_version.js';

/** In place of the strict policy of other answers: its own program, style, icon and font, and nothing of anywhere else. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export interface PageFile {
  readonly url: string;
  readonly type: string;
  readonly content: Buffer;
}

const FILES = [
  ['/', 'dist/service/page/served.html', 'text/html; charset=utf-8'],
  ['/page.js', 'dist/service/page/page.js', 'text/javascript; charset=utf-8'],
  ['/page.css', 'dist/service/page/page.css', 'text/css; charset=utf-8'],
  ['/icon.svg', 'dist/service/page/icon.svg', 'image/svg+xml'],
  ['/Inter-Medium-subset.ttf', 'assets/fonts/Inter-Medium-subset.ttf', 'font/ttf'],
] as const;

/** Where all of it is asked for. */
export const PAGE_URLS: readonly string[] = FILES.map(([url]) => url);

/** Read once. @throws {LowformerError} `unreadable-file` in a checkout that was not built. */
export function pageFiles(root = packageRoot()): readonly PageFile[] {
  return FILES.map(([url, path, type]) => ({ url, type, content: readBuilt(fileURLToPath(new URL(path, root))) }));
}

function readBuilt(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const expected = "a file of the server's page, which a build makes";
    const hint = 'In a checkout: npm run build.';
    throw new LowformerError({ code: 'unreadable-file', where: path, expected, hint, cause });
  }
}
