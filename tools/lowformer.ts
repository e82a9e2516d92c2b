#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { classifyCommand } from './commands/classify.js';
import { configCommand } from './commands/config.js';
import { demoCommand } from './commands/demo.js';
import { detectCommand } from './commands/detect.js';
import { doctorCommand } from './commands/doctor.js';
import { exportCommand } from './commands/export.js';
import { forwardCommand } from './commands/forward.js';
import { inspectCommand } from './commands/inspect.js';
import { segmentCommand } from './commands/segment.js';
import { EXIT, reportError } from './console.js';
import { packageVersion } from './package_version.js';

const program = new Command('lowformer')
  .description('Detection, segmentation and classification with LowFormer backbones.')
  .version(packageVersion())
  .exitOverride();

for (const command of [
  detectCommand(),
  segmentCommand(),
  classifyCommand(),
  inspectCommand(),
  forwardCommand(),
  exportCommand(),
  configCommand(),
  doctorCommand(),
  demoCommand(),
]) {
  // Each command throws instead of ending the process, so that there is one place where exit codes are made.
  command.exitOverride();
  for (const verb of command.commands) verb.exitOverride();
  program.addCommand(command);
}

// A reader that has seen enough (`| head`) closes the pipe: no fault.
process.stdout.on('error', (error) => {
  if (!('code' in error && error.code === 'EPIPE')) throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  // commander has said its message already; help and version are no errors.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.mistake;
  else process.exitCode = reportError(error);
}
