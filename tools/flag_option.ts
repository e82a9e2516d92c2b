import { InvalidArgumentError, Option } from 'commander';
import type { CommandFlag } from '../scoring/command_flag.js';

/** The parser's form of an option that a format or a metric brings. */
export function flagOption({ flags, description, choices, default: value, parse, expected }: CommandFlag): Option {
  const option = new Option(flags, description);
  if (choices !== undefined) option.choices(choices);
  if (value !== undefined) option.default(value);
  if (parse !== undefined) {
    option.argParser((text: string) => {
      const parsed = parse(text);
      if (parsed === undefined) throw new InvalidArgumentError(expected ?? 'Expected another value.');
      return parsed;
    });
  }
  return option;
}
