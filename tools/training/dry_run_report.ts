/** What a dry run has found, as a table and as JSON. */
import type { Report } from '../../scoring/report.js';
import type { DryRun } from '../../training/dry_run/dry_run.js';
import { duration, figure } from './event_lines.js';

/** Times are those of this machine as busy as it is now, of the pictures that were tried. */
export function dryRunReport(found: DryRun): Report {
  const { steps, epochs, validations, validation, batchSize, sizes, losses } = found;
  const validated =
    validation === undefined ? '' : `, ${validations} ${validations === 1 ? 'validation' : 'validations'}`;
  const whole = `${epochs === undefined ? '' : `${epochs} epochs, `}${steps} steps${validated}`;
  const tried = [...new Set(sizes.map(([height, width]) => `${batchSize}x3x${height}x${width}`))].join(', ');
  const rows: readonly (readonly [string, string])[] = [
    [`a step (${tried})`, seconds(found.secondsOfStep)],
    ['a batch of pictures', seconds(found.secondsOfBatch)],
    ...(validation === undefined
      ? []
      : [[`a validation (${validation.pictures} pictures)`, seconds(validation.seconds)] as const]),
    [`the whole run (${whole})`, duration(found.seconds)],
    ['main memory at most', size(found.peakBytes)],
    ['room for its files', size(found.fileBytes)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const first = Object.entries(losses).map(([name, value]) => `${name} ${figure(value)}`);
  const table = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
  return {
    record: found,
    text: `one step is done: ${first.join(', ')}\n\n${table}`,
    headline: `the whole run would take ${duration(found.seconds)} and ${size(found.peakBytes)} of main memory`,
  };
}

function seconds(value: number): string {
  return value < 10 ? `${value.toPrecision(2)} s` : duration(value);
}

function size(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
