// Builds the two pages to dist-web/, which any web server can hand out: addresses are relative and nothing is fetched
// from elsewhere.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

const versionOf = (path) => JSON.parse(readFileSync(file(path), 'utf8')).version;

/** With these the browser shares memory between threads; from a server without them one thread runs the network. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  root: file('.'),
  base: './',
  publicDir: false,
  define: {
    VERSIONS: JSON.stringify({
      lowformer: versionOf('../../package.json'),
      onnxruntimeWeb: versionOf('../../node_modules/onnxruntime-web/package.json'),
    }),
  },
  build: {
    outDir: file('../../dist-web'),
    emptyOutDir: true,
    // A data: address would keep the runtime's program from starting threads.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { input: { index: file('index.html'), measure: file('measure.html') } },
  },
  // The runtime's own program stays a file beside its WebAssembly: its threads start from it.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  server: { headers: isolation, fs: { allow: [file('../..')] } },
  preview: { headers: isolation },
});
