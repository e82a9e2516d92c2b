/** Metrics in Prometheus' text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats. */
import { type Family, type Labels, numeral } from './metric_families.js';

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Families without a sample are left out. */
export function exposition(families: readonly Family[]): string {
  const lines = families.flatMap(({ name, help, type, samples }) => {
    if (samples.length === 0) return [];
    const values = samples.map(({ suffix, labels, value }) => `${name}${suffix}${labelsOf(labels)} ${numeral(value)}`);
    return [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`, ...values];
  });
  return `${lines.join('\n')}\n`;
}

function labelsOf(labels: Labels): string {
  const entries = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`);
  return entries.length === 0 ? '' : `{${entries.join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
