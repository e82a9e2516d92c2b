import { Command } from 'commander';
import { inspectDevices, inspectTfjs, type TfjsDescription } from '../../engines/index.js';
import { commonOptions, withIdleOptions } from '../common_options.js';
import { checkJsonTarget, writeJson, writeStdout } from '../json_output.js';
import { packageVersion } from '../package_version.js';
import { table } from '../text_table.js';

/** `lowformer doctor`: versions, engines, devices and threads of this machine. */
export function doctorCommand(): Command {
  return withIdleOptions(new Command('doctor').option('--json <file>', 'write JSON, to stdout for -'))
    .description('versions, engines, devices and threads of this machine')
    .action(async (given: unknown) => {
      const { json } = commonOptions(given);
      await checkJsonTarget(json);
      const { onnxruntime, platform, devices, threads } = await inspectDevices();
      const tfjs = await inspectTfjs();
      const report = {
        lowformer: packageVersion(),
        node: process.version,
        platform,
        engines: [
          { name: 'onnxruntime', version: onnxruntime, devices },
          { name: 'tfjs', ...tfjs },
        ],
        threads,
      };
      if (json !== undefined) return writeJson(json, report);
      const rows = devices.map(({ name, available, reason }) => [name, available ? 'yes' : 'no', reason ?? '']);
      const absent = devices.flatMap(({ name, needs }) => (needs === undefined ? [] : [[name, needs]]));
      const lines = [
        `lowformer    ${report.lowformer}`,
        `node         ${report.node} (${platform})`,
        `onnxruntime  ${onnxruntime}`,
        `tfjs         ${tfjs.version}`,
        `threads      ${threads.threads} (${threads.reason})`,
        '',
        table(['device', 'here', 'why not'], rows),
        ...(absent.length === 0 ? [] : ['', table(['device', 'needs'], absent)]),
        '',
        table(['tfjs device', 'here', 'by, or why not'], tfjsRows(tfjs)),
      ];
      return writeStdout(`${lines.join('\n')}\n`);
    });
}

function tfjsRows({ devices }: TfjsDescription): string[][] {
  return devices.map(({ name, available, backend, reason }) => [
    name,
    available ? 'yes' : 'no',
    backend ?? reason ?? '',
  ]);
}
