#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { finished, interruption } from '../files/interruption.js';
import { packageVersion } from '../files/package_version.js';
import { calledCommands } from './command_table.js';
import { EXIT, reportError } from './console.js';
import { watchStandardStreams } from './standard_streams.js';

const { signal } = interruption;

const program = new Command('lowformer')
  .description('Detection, segmentation and classification with LowFormer backbones.')
  .version(packageVersion())
  // So that the verbs below a verb (`benchmark paper`) get their own options, where the verb above has some of that name.
  .enablePositionalOptions();

for (const command of await calledCommands(process.argv.slice(2), signal)) program.addCommand(command);
forEachCommand(program, (command) => {
  // Each command throws instead of ending the process, so that there is one place where exit codes are made.
  command.exitOverride().configureOutput({
    outputError: (text, write) => write(text.replace(/^error: /, 'lowformer: ').replace(/\n\((.*)\)/, '. $1')),
  });
});

function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const verb of command.commands) forEachCommand(verb, visit);
}

watchStandardStreams((error) => {
  process.exitCode = reportError(error);
});

try {
  // A command that has done all in spite of a signal is done.
  await program.parseAsync();
} catch (error) {
  const interrupted = interruption.exitCode();
  if (interrupted !== undefined) {
    process.stderr.write('lowformer: interrupted\n');
    // What was begun is completed or removed by now; a network that still computes is not waited for.
    process.exit(interrupted);
  }
  process.exitCode = exitCodeOf(error);
}
finished();

function exitCodeOf(error: unknown): number {
  // commander has said its message already; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.mistake;
  return reportError(error);
}
