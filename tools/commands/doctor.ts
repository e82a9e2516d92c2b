import { Command } from 'commander';
import { table } from '../../drawing/text_table.js';
import { AUTO } from '../../engines/auto/choice.js';
import { choicesFolder, rememberedChoices } from '../../engines/auto/records.js';
import { DEFAULT_ENGINE, type DeviceState, ENGINES, threadLimit } from '../../engines/index.js';
import { packageVersion } from '../../files/package_version.js';
import { cacheFolder } from '../../weights/download/cache_folder.js';
import { commonOptions, withIdleOptions } from '../common_options.js';
import { checkJsonTarget, writeJson } from '../json_output.js';
import {
  type EngineState,
  inspectEngine,
  inspectOptionalPackages,
  inspectPicturePackages,
  inspectPrograms,
} from '../native_packages.js';
import { writeStdout } from '../standard_streams.js';

/** Columns that tables take where the terminal is wider, and where there is none. */
const WIDTH = 100;

/** `lowformer doctor`: versions, packages, engines, devices, threads and what is remembered of this machine. */
export function doctorCommand(): Command {
  return withIdleOptions(new Command('doctor').option('--json <file>', 'write JSON, to stdout for -')).action(
    async (given: unknown) => {
      const { json } = commonOptions(given);
      await checkJsonTarget(json);
      const report = await examine();
      return json === undefined ? writeStdout(`${asText(report)}\n`) : writeJson(json, report);
    },
  );
}

async function examine() {
  const engines: EngineState[] = [];
  // One after the other: drivers are slow to start, and slower beside one another.
  for (const engine of ENGINES.list()) engines.push(await inspectEngine(engine));
  const enginePackages = engines.flatMap(({ package: state }) => (state === undefined ? [] : [state]));
  const folder = choicesFolder(cacheFolder());
  return {
    lowformer: packageVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    packages: [
      ...enginePackages,
      ...(await inspectPicturePackages()),
      ...(await inspectOptionalPackages()),
      ...(await inspectPrograms()),
    ],
    engines: engines.map(({ package: _, ...engine }) => engine),
    threads: threadLimit(),
    remembered: { folder, engines: await rememberedChoices(folder) },
  };
}

type Report = Awaited<ReturnType<typeof examine>>;

function asText({ lowformer, node, platform, packages, engines, threads, remembered }: Report): string {
  const width = Math.min(WIDTH, process.stdout.columns ?? WIDTH);
  const sized = (heading: readonly string[], rows: readonly (readonly string[])[]) => table(heading, rows, [], width);
  // The default engine's version stands with its package.
  const others = engines.filter(({ name }) => name !== DEFAULT_ENGINE);
  return [
    `lowformer  ${lowformer}`,
    `node       ${node} (${platform})`,
    ...others.map(({ name, version }) => `${name.padEnd(10)} ${version || 'not installed'}`),
    `threads    ${threads.threads} (${threads.reason})`,
    `${AUTO.padEnd(10)} ${rememberedText(remembered)}`,
    '',
    sized(
      ['package', 'here', 'version, or how to get it'],
      packages.map((one) => [one.name, yes(one.available), one.available ? (one.version ?? '') : one.needs]),
    ),
    ...engines.flatMap(({ name, devices }) => {
      const heading =
        name === DEFAULT_ENGINE
          ? ['device', 'here', 'why not, and what it needs']
          : [`${name} device`, 'here', 'by, or why not'];
      return ['', sized(heading, devices.map(deviceRow))];
    }),
  ].join('\n');
}

/** What `--engine auto` need not measure again. */
function rememberedText({ engines }: Report['remembered']): string {
  const counts = Object.entries(engines).map(([name, count]) => `${name} ${count}`);
  return counts.length === 0 ? 'nothing measured yet' : `measured and remembered: ${counts.join(', ')}`;
}

function deviceRow({ name, available, backend, reason = '', needs }: DeviceState): readonly string[] {
  const needed = needs === undefined ? [] : [`It needs ${needs}.`];
  return [name, yes(available), backend ?? [reason, ...needed].join('\n')];
}

function yes(available: boolean): string {
  return available ? 'yes' : 'no';
}
