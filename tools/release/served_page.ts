/**
 * The picture of the page of `lowformer serve` in docs/: `npx jiti tools/release/served_page.ts [FILE] [WIDTHxHEIGHT]`.
 * Needs Chromium in /usr/bin, or where CHROMIUM says.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { packageRoot } from '../../files/package_version.js';
import { loadSharp } from '../../images/load_sharp.js';
import { loadModel } from '../../models/load_model.js';
import { createService } from '../../service/create_service.js';
import { DEFAULT_LIMITS } from '../../service/limits.js';
import { listen } from '../../service/listen.js';
import { servedModel } from '../../service/served_model.js';

const root = fileURLToPath(packageRoot());
const [out = join(root, 'docs/images/served_page.webp'), size = '1280x1040'] = process.argv.slice(2);
const [width = 1280, height = 1040] = size.split('x').map(Number);

const limits = DEFAULT_LIMITS;
await using model = servedModel('blood-cells', await loadModel('blood-cells'), {
  limits,
  sessions: 1,
  maxBatch: 1,
  maxWait: 0,
});
const service = await createService({ models: new Map([[model.name, model]]), limits, ownNamesAlone: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: 'light' });
  await page.goto(await listen(service, { host: '127.0.0.1', port: 8080 }));
  await page.setInputFiles('#picture-file', join(root, 'assets/blood_cells.jpg'));
  await page.waitForSelector('#save-json:enabled');
  const sharp = await loadSharp();
  await sharp(await page.screenshot())
    .webp({ quality: 82 })
    .toFile(out);
} finally {
  await browser.close();
  await service.app.close();
}
