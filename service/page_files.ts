/** The page to try the server with: it asks this server alone, and shows what came back. Its files are in `assets/page/`. */
import { readFileSync } from 'node:fs';
import { packageRoot } from '../files/package_version.js';

/** In place of the strict policy of other answers: its own program, style and icon, and nothing of anywhere else. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export interface PageFile {
  readonly url: string;
  readonly type: string;
  readonly content: string;
}

const FILES = [
  ['/', 'page.html', 'text/html; charset=utf-8'],
  ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ['/page.css', 'page.css', 'text/css; charset=utf-8'],
  ['/page.svg', 'page.svg', 'image/svg+xml'],
] as const;

/** Read once. */
export function pageFiles(): readonly PageFile[] {
  const folder = new URL('assets/page/', packageRoot());
  return FILES.map(([url, name, type]) => ({ url, type, content: readFileSync(new URL(name, folder), 'utf8') }));
}
