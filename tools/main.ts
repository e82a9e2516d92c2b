/** One call of the command, from its arguments to its exit code: the same in a process of its own and among others in one. */
import { Command, CommanderError } from 'commander';
import { interruption } from '../files/interruption.js';
import { packageVersion } from '../files/package_version.js';
import { calledCommands } from './command_table.js';
import { EXIT, reportError } from './console.js';

/**
 * Does what `lowformer ARGUMENTS…` asks for, and sets `process.exitCode` where it is not 0. It throws faults alone that keep a
 * command from being loaded; after a signal it ends the process.
 * @param signal aborted where the work is to be given up.
 */
export async function main(args: readonly string[], signal: AbortSignal): Promise<void> {
  const program = new Command('lowformer')
    .description('Detection, segmentation and classification with LowFormer backbones.')
    .version(packageVersion())
    // So that the verbs below a verb (`benchmark paper`) get their own options, where the verb above has some of that name.
    .enablePositionalOptions();

  for (const command of await calledCommands(args, signal)) program.addCommand(command);
  forEachCommand(program, (command) => {
    // Each command throws instead of ending the process, so that there is one place where exit codes are made.
    command.exitOverride().configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'lowformer: ').replace(/\n\((.*)\)/, '. $1')),
    });
  });

  try {
    // A command that has done all in spite of a signal is done.
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    const interrupted = interruption.exitCode();
    if (interrupted !== undefined) {
      process.stderr.write('lowformer: interrupted\n');
      // What was begun is completed or removed by now; a network that still computes is not waited for.
      process.exit(interrupted);
    }
    process.exitCode = exitCodeOf(error);
  }
}

function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const verb of command.commands) forEachCommand(verb, visit);
}

function exitCodeOf(error: unknown): number {
  // commander has said its message already; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.mistake;
  return reportError(error);
}
