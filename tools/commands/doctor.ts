import { Command } from 'commander';
import { table } from '../../drawing/text_table.js';
import { inspectTfjs, threadLimit } from '../../engines/index.js';
import { packageVersion } from '../../files/package_version.js';
import { commonOptions, withIdleOptions } from '../common_options.js';
import { checkJsonTarget, writeJson } from '../json_output.js';
import { inspectOnnxruntime, inspectPicturePackages } from '../native_packages.js';
import { writeStdout } from '../standard_streams.js';

/** Columns that tables take where the terminal is wider, and where there is none. */
const WIDTH = 100;

/** `lowformer doctor`: versions, packages, engines, devices and threads of this machine. */
export function doctorCommand(): Command {
  return withIdleOptions(new Command('doctor').option('--json <file>', 'write JSON, to stdout for -'))
    .description('versions, engines, devices and threads of this machine')
    .action(async (given: unknown) => {
      const { json } = commonOptions(given);
      await checkJsonTarget(json);
      const report = await examine();
      return json === undefined ? writeStdout(`${asText(report)}\n`) : writeJson(json, report);
    });
}

async function examine() {
  const { state, version, devices } = await inspectOnnxruntime();
  const tfjs = await inspectTfjs();
  return {
    lowformer: packageVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    packages: [state, ...(await inspectPicturePackages())],
    engines: [
      { name: 'onnxruntime', version, devices },
      { name: 'tfjs', ...tfjs },
    ] as const,
    threads: threadLimit(),
  };
}

function asText({ lowformer, node, platform, packages, engines, threads }: Awaited<ReturnType<typeof examine>>) {
  const [onnxruntime, tfjs] = engines;
  const width = Math.min(WIDTH, process.stdout.columns ?? WIDTH);
  const sized = (heading: readonly string[], rows: readonly (readonly string[])[]) => table(heading, rows, [], width);
  const yes = (available: boolean) => (available ? 'yes' : 'no');
  const needed = (needs: string | undefined) => (needs === undefined ? [] : [`It needs ${needs}.`]);
  return [
    `lowformer  ${lowformer}`,
    `node       ${node} (${platform})`,
    `tfjs       ${tfjs.version || 'not installed'}`,
    `threads    ${threads.threads} (${threads.reason})`,
    '',
    sized(
      ['package', 'here', 'version, or how to get it'],
      packages.map((one) => [one.name, yes(one.available), one.available ? (one.version ?? '') : one.needs]),
    ),
    '',
    sized(
      ['device', 'here', 'why not, and what it needs'],
      onnxruntime.devices.map(({ name, available, reason = '', needs }) => [
        name,
        yes(available),
        [reason, ...needed(needs)].join('\n'),
      ]),
    ),
    '',
    sized(
      ['tfjs device', 'here', 'by, or why not'],
      tfjs.devices.map(({ name, available, backend, reason }) => [name, yes(available), backend ?? reason ?? '']),
    ),
  ].join('\n');
}
