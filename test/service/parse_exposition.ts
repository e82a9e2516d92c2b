/** Prometheus' text format, read strictly: what its specification does not have is an error. */
const HEAD = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\+Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/y;

interface Block {
  readonly type: string;
  /** By `name{a="b"}`, labels in alphabetic order. */
  readonly values: Map<string, number>;
}

/** Values by `name{label="value"}`. @throws what is no such text. */
export function parseExposition(text: string): ReadonlyMap<string, number> {
  if (!text.endsWith('\n')) throw new Error('no line end at the end');
  const blocks = new Map<string, Block>();
  let help = '';
  let name = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, named = '', rest = ''] = HEAD.exec(line) ?? [];
    if (kind === 'HELP') help = named;
    else if (kind === 'TYPE') {
      if (named !== help) throw new Error(`a type without its help: ${line}`);
      if (blocks.has(named)) throw new Error(`twice: ${line}`);
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`no type: ${line}`);
      name = named;
      blocks.set(name, { type: rest, values: new Map() });
    } else addSample(line, name, blocks.get(name));
  }
  for (const [family, block] of blocks) checkBlock(family, block);
  return new Map([...blocks.values()].flatMap(({ values }) => [...values]));
}

function addSample(line: string, family: string, block: Block | undefined): void {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  const suffixes = block?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  if (!suffixes.some((suffix) => name === `${family}${suffix}`)) throw new Error(`not of ${family}: ${line}`);
  const key = `${name}{${parseLabels(labels).sort().join(',')}}`;
  if (block?.values.has(key) === true) throw new Error(`twice: ${line}`);
  block?.values.set(key, value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value));
}

function parseLabels(text: string): string[] {
  const labels: string[] = [];
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined) throw new Error(`no labels: ${text}`);
    labels.push(`${name}="${value}"`);
  }
  return labels;
}

/** Counters count up from 0; a histogram's buckets grow up to the last one, which is the count. */
function checkBlock(family: string, { type, values }: Block): void {
  if (values.size === 0) throw new Error(`nothing of ${family}`);
  if (type === 'counter' && !family.endsWith('_total')) throw new Error(`a counter's name ends in _total: ${family}`);
  if (type !== 'gauge' && [...values.values()].some((value) => value < 0)) throw new Error(`below 0: ${family}`);
  if (type !== 'histogram') return;
  let before = { series: '', value: 0, bound: 0 };
  for (const [key, value] of values) {
    if (!key.startsWith(`${family}_bucket`)) continue;
    const [, bound = ''] = /le="([^"]+)"/.exec(key) ?? [];
    const series = key.replace(/,?le="[^"]+"/, '').slice(`${family}_bucket`.length);
    const now = { series, value, bound: bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound) };
    if (before.series === series && (now.value < before.value || !(now.bound > before.bound)))
      throw new Error(`buckets that do not grow: ${key}`);
    if (bound === '+Inf' && values.get(`${family}_count${series.replace('{,', '{')}`) !== value)
      throw new Error(`a count that is none: ${key}`);
    before = now;
  }
  if (before.bound !== Number.POSITIVE_INFINITY) throw new Error(`no last bucket: ${family}`);
}
