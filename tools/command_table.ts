/** The commands, each read from the disk when it is called. */
import type { Command } from 'commander';

type LoadCommand = (signal: AbortSignal) => Promise<Command>;

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, LoadCommand>> = {
  detect: async (signal) => (await import('./commands/detect.js')).detectCommand(signal),
  segment: async (signal) => (await import('./commands/segment.js')).segmentCommand(signal),
  classify: async (signal) => (await import('./commands/classify.js')).classifyCommand(signal),
  evaluate: async (signal) => (await import('./commands/evaluate.js')).evaluateCommand(signal),
  score: async () => (await import('./commands/score.js')).scoreCommand(),
  analyse: async () => (await import('./commands/analyse.js')).analyseCommand(),
  browse: async (signal) => (await import('./commands/browse.js')).browseCommand(signal),
  train: async (signal) => (await import('./commands/train.js')).trainCommand(signal),
  benchmark: async (signal) => (await import('./commands/benchmark.js')).benchmarkCommand(signal),
  inspect: async () => (await import('./commands/inspect.js')).inspectCommand(),
  forward: async (signal) => (await import('./commands/forward.js')).forwardCommand(signal),
  gradients: async (signal) => (await import('./commands/gradients.js')).gradientsCommand(signal),
  export: async (signal) => (await import('./commands/export.js')).exportCommand(signal),
  models: async (signal) => (await import('./commands/models.js')).modelsCommand(signal),
  config: async () => (await import('./commands/config.js')).configCommand(),
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand(),
  scenes: async (signal) => (await import('./commands/scenes.js')).scenesCommand(signal),
  demo: async (signal) => (await import('./commands/demo.js')).demoCommand(signal),
};

/**
 * What `lowformer FIRST …` needs: the command of that name alone, none for the version, and all of them for the help and
 * for a misspelt name, whose message has the nearest. All of them take half a second to read.
 */
export function calledCommands(first: string | undefined): readonly LoadCommand[] {
  if (first === '--version' || first === '-V') return [];
  const called = first !== undefined && Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  return called === undefined ? Object.values(COMMANDS) : [called];
}
