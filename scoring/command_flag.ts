/**
 * An option that a dataset format or a metric brings to the command line. Plain data: the parser is known to `tools/` alone.
 */
export interface CommandFlag {
  /** `--first-pixel <n>`: its value comes under the key `firstPixel`. */
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly default?: unknown;
  /** The value that a text stands for; undefined where it stands for none. Absent: the text itself. */
  readonly parse?: (text: string) => unknown;
  /** Said of a text that stands for no value: `Expected 0 or 1.` */
  readonly expected?: string;
}

type Flags = Pick<CommandFlag, 'flags'>;

/** `--first-pixel` */
export function flagName({ flags }: Flags): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}

/** `firstPixel` */
export function flagKey(flag: Flags): string {
  return flagName(flag)
    .slice(2)
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Of options, those that these flags have set. */
export function valuesOf(flags: readonly Flags[], given: object): Readonly<Record<string, unknown>> {
  const keys = new Set(flags.map(flagKey));
  return Object.fromEntries(Object.entries(given).filter(([key, value]) => keys.has(key) && value !== undefined));
}
