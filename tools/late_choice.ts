/**
 * Options that name an entry of a table to which a config's imports may add. The help lists what is known when the command
 * is made; whether a name is one is known once the config is read.
 */
import type { Command } from 'commander';

/** Takes any name for now. */
export function chooseLater(command: Command, long: string): Command {
  command.options.find((option) => option.long === long)?.argParser((text: string) => text);
  return command;
}

/** Ends the command with the parser's own message for a name that is none. */
export function checkChoice(command: Command, long: string, given: string | undefined, names: readonly string[]): void {
  if (given === undefined || names.includes(given)) return;
  const flags = command.options.find((option) => option.long === long)?.flags ?? long;
  const allowed = `Allowed choices are ${names.join(', ')}.`;
  command.error(`error: option '${flags}' argument '${given}' is invalid. ${allowed}`, {
    code: 'commander.invalidArgument',
  });
}
