/** Charts as files: SVG, or PNG with the shipped font, since a machine may have none. */
import { extname } from 'node:path';
import { LowformerError } from '../../core/errors.js';
import { familyList } from '../../drawing/canvas.js';
import { type Chart, drawChart } from '../../drawing/chart.js';
import { loadCanvas } from '../../drawing/font.js';
import { checkWritable, writeBytes } from '../../files/atomic_write.js';

const ENDINGS = ['.svg', '.png'] as const;
/** Pixels of a PNG to one of the chart. */
const SCALE = 2;

const themed = (font: string) =>
  ({
    background: 'white',
    font,
    padding: 16,
    view: { stroke: null },
    axis: { gridOpacity: 0.5, titleFontWeight: 'normal' },
    legend: { titleFontWeight: 'normal' },
    title: { fontWeight: 'normal' },
  }) as const;

/** @throws {LowformerError} `unwritable-file` for another ending or a place that takes no file; before the long work. */
export async function checkPlotTarget(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  if (!ENDINGS.some((ending) => ending === extname(path).toLowerCase())) {
    const expected = `a file name that ends in ${ENDINGS.join(' or ')}`;
    throw new LowformerError({ code: 'unwritable-file', where: '--plot', expected, received: path });
  }
  await checkWritable(path);
}

/** Writes the chart, whole or not at all. @throws {LowformerError} `unwritable-file`, `missing-package`. */
export async function writePlot(path: string, chart: Chart): Promise<void> {
  const png = extname(path).toLowerCase() === '.png';
  // Before Vega measures its first text.
  const canvasPackage = await loadCanvas();
  const theme = themed(png ? familyList(canvasPackage) : 'system-ui, sans-serif');
  const bytes = await drawChart(chart, theme, async (view) => {
    const svg = await view.toSVG();
    if (!png) return Buffer.from(svg);
    const [, width, height] = (/^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? []).map(Number);
    if (width === undefined || height === undefined) throw new TypeError('the chart has no size');
    // A canvas of ours: what Vega makes by itself it declares as a page's, which has no PNG to give.
    const canvas = new canvasPackage.Canvas(Math.ceil(width * SCALE), Math.ceil(height * SCALE));
    await view.toCanvas(SCALE, { externalContext: canvas.getContext('2d') });
    return canvas.toBuffer('image/png');
  });
  await writeBytes(path, bytes);
}
