/** Charts, written as Vega-Lite has them. */
import type { TopLevelSpec } from 'vega-lite';

export type Chart = TopLevelSpec;

/** A chart that is laid out. */
export type ChartView = Pick<import('./vega.js').View, 'toSVG' | 'toCanvas'>;

/**
 * Lays a chart out and hands it to `draw`, until whose end it stays valid. Vega is loaded by the first chart: it takes a
 * moment, and only reports need it.
 * @param config what Vega-Lite calls so: fonts, colours, padding.
 */
export async function drawChart<T>(
  chart: Chart,
  config: NonNullable<Chart['config']>,
  draw: (view: ChartView) => Promise<T>,
): Promise<T> {
  const { compile, parse, View, LOG_ERRORS } = await import('./vega.js');
  const { spec } = compile({ ...chart, config });
  const view = new View(parse(spec), { renderer: 'none', logLevel: LOG_ERRORS });
  try {
    return await draw(view);
  } finally {
    view.finalize();
  }
}
