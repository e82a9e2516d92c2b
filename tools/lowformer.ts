#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { analyseCommand } from './commands/analyse.js';
import { benchmarkCommand } from './commands/benchmark.js';
import { browseCommand } from './commands/browse.js';
import { classifyCommand } from './commands/classify.js';
import { configCommand } from './commands/config.js';
import { demoCommand } from './commands/demo.js';
import { detectCommand } from './commands/detect.js';
import { doctorCommand } from './commands/doctor.js';
import { evaluateCommand } from './commands/evaluate.js';
import { exportCommand } from './commands/export.js';
import { forwardCommand } from './commands/forward.js';
import { inspectCommand } from './commands/inspect.js';
import { scoreCommand } from './commands/score.js';
import { segmentCommand } from './commands/segment.js';
import { EXIT, reportError } from './console.js';
import { listenForInterruption } from './interruption.js';
import { packageVersion } from './package_version.js';

const interruption = listenForInterruption();
const { signal } = interruption;

const program = new Command('lowformer')
  .description('Detection, segmentation and classification with LowFormer backbones.')
  .version(packageVersion())
  // So that the verbs below a verb (`benchmark paper`) get their own options, where the verb above has some of that name.
  .enablePositionalOptions();

for (const command of [
  detectCommand(signal),
  segmentCommand(signal),
  classifyCommand(signal),
  evaluateCommand(signal),
  scoreCommand(),
  analyseCommand(),
  browseCommand(signal),
  benchmarkCommand(signal),
  inspectCommand(),
  forwardCommand(signal),
  exportCommand(signal),
  configCommand(),
  doctorCommand(),
  demoCommand(signal),
]) {
  program.addCommand(command);
}
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

// A reader that has seen enough (`| head`) closes the pipe: no fault.
process.stdout.on('error', (error) => {
  if (!('code' in error && error.code === 'EPIPE')) throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (interruption.exitCode() === undefined) process.exitCode = exitCodeOf(error);
}
const interrupted = interruption.exitCode();
if (interrupted !== undefined) {
  process.stderr.write('lowformer: interrupted\n');
  // What was begun is completed or removed by now; a network that still computes is not waited for.
  process.exit(interrupted);
}

function exitCodeOf(error: unknown): number {
  // commander has said its message already; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.mistake;
  return reportError(error);
}
