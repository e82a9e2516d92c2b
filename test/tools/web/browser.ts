/** The built pages, served, and opened in Debian's Chromium. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { build, preview } from 'vite';
import { ROOT } from '../../workspace.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const HAS_CHROMIUM = existsSync(CHROMIUM);

const CONFIG = join(ROOT, 'tools/web/vite.config.js');

/** Quiet: a browser that speaks to nobody but the page's server. */
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WITHOUT_GRAPHICS = ['--disable-gpu'];
/** Chromium brings a Vulkan driver that computes on the processor: slow, and the same kernels. */
const SOFTWARE_GRAPHICS = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

export interface Site extends AsyncDisposable {
  /** With a slash at its end. */
  readonly address: string;
}

/** Builds the pages into `folder`. */
export async function buildPages(folder: string): Promise<void> {
  await build({ configFile: CONFIG, logLevel: 'error', build: { outDir: folder } });
}

/** As `npm run web` serves them: pages may share memory between threads. */
export async function servePages(folder: string): Promise<Site> {
  const server = await preview({
    configFile: CONFIG,
    logLevel: 'error',
    build: { outDir: folder },
    preview: { port: 0, host: '127.0.0.1' },
  });
  const [address = ''] = server.resolvedUrls?.local ?? [];
  return { address, [Symbol.asyncDispose]: () => server.close() };
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** As any server hands out files: below a folder, without a header beyond the type. */
export async function serveFiles(folder: string): Promise<Site> {
  const prefix = '/some/where/';
  const server = createServer(({ url = '' }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    const file = join(folder, path.slice(prefix.length));
    if (!path.startsWith(prefix) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = portOf(server.address());
  return {
    address: `http://127.0.0.1:${port}${prefix}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address;
}

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors of the console, uncaught ones, and requests to anywhere but the site. */
  readonly faults: readonly string[];
}

export interface PageOptions extends BrowserContextOptions {
  /** WebGPU and WebGL by a driver in software. */
  readonly graphics?: boolean;
}

/** A page of the site in a browser of its own, with a new profile. */
export async function openPage(
  { address }: Site,
  path: string,
  { graphics = false, ...context }: PageOptions = {},
): Promise<OpenPage> {
  const args = [...FLAGS, ...(graphics ? SOFTWARE_GRAPHICS : WITHOUT_GRAPHICS)];
  // A profile on disk: the cache of a private window is small, and drops the runtime while it is loaded.
  const profile = mkdtempSync(join(tmpdir(), 'lowformer-browser-'));
  const viewport = { width: 1280, height: 900 };
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args,
    viewport,
    ...context,
  });
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(address) && !/^(?:blob|data):/.test(url)) faults.push(`a request to ${url}`);
  });
  await page.goto(address + path);
  return {
    page,
    faults,
    async [Symbol.asyncDispose]() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Clicks what saves a file, and reads that. */
export async function savedFile(page: Page, button: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
  return readFileSync(await download.path());
}
