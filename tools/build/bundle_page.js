// The page of `lowformer serve`, tools/web/served.html, in files of fixed names, which service/page_files.ts names.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

/**
 * @param {string} root the repository.
 * @param {string} dist what the compiler wrote.
 */
export async function bundlePage(root, dist) {
  const pages = join(root, 'tools', 'web');
  const folder = join(dist, 'service', 'page');
  const { output } = await build({
    root: pages,
    configFile: false,
    logLevel: 'warn',
    base: './',
    publicDir: false,
    build: {
      write: false,
      // The server's policy lets no data: address in, nor a program that stands in the page itself.
      assetsInlineLimit: 0,
      modulePreload: false,
      rolldownOptions: {
        input: { page: join(pages, 'served.html') },
        output: { entryFileNames: '[name].js', assetFileNames: '[name][extname]', codeSplitting: false },
      },
    },
  });
  mkdirSync(folder, { recursive: true });
  for (const file of output) {
    // The font is packed already, in assets/.
    if (!file.fileName.endsWith('.ttf')) writeFileSync(join(folder, file.fileName), file.code ?? file.source);
  }
}
