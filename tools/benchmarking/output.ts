/** Where a benchmark's record goes: stdout, a JSON file, a plot, a folder of all of them. */
import { join } from 'node:path';
import type { Log } from '../../core/log.js';
import type { Chart } from '../../drawing/chart.js';
import { writeBytes } from '../../files/atomic_write.js';
import { checkFolder } from '../../files/output_folder.js';
import { machineSlug } from '../../measuring/machine.js';
import { checkPlotTarget, writePlot } from '../../measuring/presentation/plot_file.js';
import { asMarkdown, asText, type Report } from '../../measuring/presentation/tables.js';
import type { Head } from '../../measuring/record.js';
import { checkJsonTarget, writeJson } from '../json_output.js';
import { writeStdout } from '../standard_streams.js';

export interface OutputOptions {
  readonly json: string | undefined;
  readonly plot: string | undefined;
  readonly out: string | undefined;
  readonly quiet: boolean;
}

export interface Written {
  /** `benchmark`, `paper`, `blocks`: what files in a folder are called, with the machine's name. */
  readonly name: string;
  readonly record: Pick<Head, 'machine'>;
  readonly report: Report;
  /** undefined where nothing was measured: then only the JSON says so. */
  readonly chart: Chart | undefined;
}

/** @throws {LowformerError} `unwritable-file`, before anything is measured. */
export async function checkOutputs({ json, plot, out }: OutputOptions): Promise<void> {
  await checkJsonTarget(json);
  await checkPlotTarget(plot);
  if (out !== undefined) await checkFolder(out);
}

/** The table goes to stdout unless the JSON does. */
export async function writeOutputs(written: Written, options: OutputOptions, log: Log): Promise<void> {
  const { name, record, report, chart } = written;
  const { json, plot, out, quiet } = options;
  if (json !== undefined) await writeJson(json, record);
  if (plot !== undefined && chart !== undefined) await writePlot(plot, chart);
  if (out !== undefined) {
    const path = (ending: string) => join(out, `${name}_${machineSlug(record.machine)}.${ending}`);
    await writeJson(path('json'), record);
    await writeBytes(path('md'), Buffer.from(asMarkdown(report)));
    if (chart !== undefined) await writePlot(path('png'), chart);
    log.say(`written: ${path('json')}, and the same as .md and .png`);
  }
  const kept = json !== undefined || out !== undefined;
  if (json !== '-' && !(quiet && kept)) await writeStdout(asText(report));
}
