/**
 * The page to try the server with: it asks this server alone, and shows what came back. Its
 * programs are those of `web/served_page/`, as they are built.
 */
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
  ['/', 'assets/page/page.html', 'text/html; charset=utf-8'],
  ['/page.css', 'assets/page/page.css', 'text/css; charset=utf-8'],
  ['/page.svg', 'assets/page/page.svg', 'image/svg+xml'],
] as const;
const PROGRAMS = ['page', 'elements', 'ask', 'rows', 'drawing', 'curl'].map(
  (name) => [`/page/${name}.js`, `dist/web/served_page/${name}.js`, 'text/javascript; charset=utf-8'] as const,
);

/** Where all of it is asked for. */
export const PAGE_URLS: readonly string[] = [...FILES, ...PROGRAMS].map(([url]) => url);

/** Read once. */
export function pageFiles(): readonly PageFile[] {
  const root = packageRoot();
  return [...FILES, ...PROGRAMS].map(([url, path, type]) => {
    return { url, type, content: readFileSync(new URL(path, root), 'utf8') };
  });
}
