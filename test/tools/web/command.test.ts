/** `npm run web`: builds the pages and serves them at the address that it prints. */
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { needs } from '../../needs.js';
import { ROOT } from '../../workspace.js';

test('npm run web', { timeout: 180_000, ...needs('notWindows', process.platform !== 'win32') }, async () => {
  const options = { cwd: ROOT, env: { ...process.env, NO_COLOR: '1' }, detached: true } as const;
  const child = spawn('npm', ['run', '--silent', 'web', '--', '--port', '0'], options);
  let text = '';
  try {
    const address = await new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
          const [found] = /http:\/\/localhost:\d+\//.exec(text) ?? [];
          if (found !== undefined) resolve(found);
        });
      }
      child.on('exit', (code) => reject(new Error(`npm run web ended with ${code}: ${text}`)));
    });
    for (const [path, title] of [
      ['', 'lowformer: pictures'],
      ['measure.html', 'lowformer: measure'],
    ]) {
      const response = await fetch(address + path);
      expect(await response.text()).toContain(`<title>${title}</title>`);
      // Without these the network would run on one thread.
      expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    }
  } finally {
    // The group: npm, its shell and the server.
    if (child.pid !== undefined) process.kill(-child.pid);
  }
});
