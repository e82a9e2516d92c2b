/** The page that measures, in a real browser. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../../configs/index.js';
import { countMacs, countParameters } from '../../../graph/count.js';
import { optimise } from '../../../graph/passes/index.js';
import { initialWeights } from '../../../models/fitted_weights.js';
import { buildModel } from '../../../tasks/build_model.js';
import { type WebRecord, webRecordSchema } from '../../../tools/web/measuring/record.js';
import { needs } from '../../needs.js';
import { createWorkspace } from '../../workspace.js';
import { buildPages, HAS_CHROMIUM, type OpenPage, openPage, type Site, savedFile, servePages } from './browser.js';

const workspace = createWorkspace();
afterAll(() => workspace[Symbol.dispose]());
const pages = join(workspace.folder, 'pages');

const [FIRST, SECOND] = ['lowformer-b0_in1k', 'cpubone-b0_in1k'] as const;
const PAIR = `first=${FIRST}&second=${SECOND}&size=64&device=wasm`;

async function jsonOf({ page }: OpenPage): Promise<WebRecord> {
  return webRecordSchema.parse(JSON.parse((await savedFile(page, '#save')).toString()));
}

/** What a network costs by the code that runs in Node. */
function costOf(name: typeof FIRST | typeof SECOND) {
  const model = buildModel(SHIPPED_CONFIGS[name].model);
  const { parameters } = initialWeights(model);
  const optimised = optimise({ graph: model.graph, parameters }).graph;
  return { parameters: countParameters(optimised), macs: countMacs(optimised, { input: [1, 3, 64, 64] }) };
}

describe('the page that measures, in Chromium', needs('browser', HAS_CHROMIUM), () => {
  let site: Site;
  beforeAll(async () => {
    await buildPages(pages);
    site = await servePages(pages);
  }, 120_000);
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
  });

  test('times two networks in turns and gives its JSON', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, `measure.html?${PAIR}&rounds=7&batch=2`);
    const { page, faults } = opened;
    await page.click('#start');
    await page.waitForSelector('#status:text-is("done")', { timeout: 200_000 });
    const record = await jsonOf(opened);
    expect(JSON.parse(await page.inputValue('#json'))).toEqual(record);
    const { complete, settings, results, comparison } = record;
    expect({ complete, ...settings }).toEqual({
      complete: true,
      device: 'wasm',
      part: 'whole',
      size: { height: 64, width: 64 },
      batch: 2,
      rounds: 7,
      warm_up: 3,
    });
    expect(results.map(({ config }) => config)).toEqual([FIRST, SECOND]);
    expect(results.map(({ parameters, macs }) => ({ parameters, macs }))).toEqual([FIRST, SECOND].map(costOf));
    for (const { times, milliseconds } of results) {
      expect(times).toHaveLength(7);
      expect(milliseconds.median).toBe(times.toSorted((a, b) => a - b)[3]);
    }
    const verdict = await page.locator('.verdict').textContent();
    const said = { faster: `${FIRST} is faster`, slower: `${SECOND} is faster`, unclear: 'no winner' }[
      comparison.verdict
    ];
    expect(verdict?.toLowerCase()).toContain(said);
    expect(await page.locator('tbody tr').count()).toBe(7);
    expect(faults).toEqual([]);
  });

  test('keeps what was measured when it is stopped', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, `measure.html?${PAIR}&rounds=1000`);
    const { page, faults } = opened;
    await page.click('#start');
    await page.waitForSelector('.verdict', { timeout: 200_000 });
    await page.click('#stop');
    await page.waitForSelector('#status:text-is("stopped")');
    const { complete, comparison } = await jsonOf(opened);
    expect(complete).toBe(false);
    expect(comparison.rounds).toBeLessThan(1000);
    expect(await page.locator('.verdict').textContent()).toContain(
      `Stopped after ${comparison.rounds} of 1000 rounds.`,
    );
    expect(await page.locator('#start').isEnabled()).toBe(true);
    expect(faults).toEqual([]);
  });

  test('runs on WebGPU', { timeout: 300_000 }, async () => {
    const pair = 'first=mobileone-s0_in1k&second=mobileone-s1_in1k&part=backbone&size=32&device=webgpu&rounds=1';
    await using opened = await openPage(site, `measure.html?${pair}`, { graphics: true });
    const { page, faults } = opened;
    await page.click('#start');
    await page.waitForSelector('#status:text-is("done"), #error:not([hidden])', { timeout: 250_000 });
    expect(await page.locator('#error-text').textContent()).toBe('');
    const { settings, machine } = await jsonOf(opened);
    expect([settings.device, machine.graphics]).toEqual(['webgpu', 'google swiftshader']);
    expect(await page.locator('.verdict').textContent()).toContain('Fewer than six rounds');
    expect(faults).toEqual([]);
  });

  test('says in words what it cannot run, and fits a phone', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, 'measure.html', { viewport: { width: 360, height: 740 } });
    const { page, faults } = opened;
    await page.selectOption('#pair', { label: 'lowformer-b1 and mobileone-s4' });
    expect(await page.inputValue('#first')).toBe('lowformer-b1_in1k');
    expect(await page.inputValue('#second')).toBe('mobileone-s4_in1k');
    expect(await page.isDisabled('input[value="webgpu"]')).toBe(true);
    await page.fill('[name="batch"]', '0');
    await page.click('#start');
    expect(await page.locator('#error-text').textContent()).toBe(
      "the batch: expected a whole number from 1 to 256 but received '0'",
    );
    await page.fill('[name="batch"]', '1');
    await page.selectOption('#first', 'cpubone-b0_in1k');
    await page.fill('[name="size"]', '50');
    await page.click('#start');
    await page.waitForSelector('#error-text:has-text("32")', { timeout: 60_000 });
    expect(await page.locator('#error-text').textContent()).not.toContain('A fault of this page');
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    expect(faults).toEqual([]);
  });
});
