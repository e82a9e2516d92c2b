/** The commands: what the help says of each, and its options and its work, which are read from the disk when it is called. */
import { Command } from 'commander';

interface CommandEntry {
  /** What stands behind its name in the help. */
  readonly takes: string;
  readonly description: string;
  readonly load: LoadCommand;
}

/** `args` are those of the whole command line. */
type LoadCommand = (signal: AbortSignal, args: readonly string[]) => Promise<Command>;

/** In the order of the help. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  detect: {
    takes: '[options] <config> <image...>',
    description: 'find objects in pictures',
    load: async (signal) => (await import('./commands/detect.js')).detectCommand(signal),
  },
  segment: {
    takes: '[options] <config> <image...>',
    description: 'tell the class of each pixel',
    load: async (signal) => (await import('./commands/segment.js')).segmentCommand(signal),
  },
  classify: {
    takes: '[options] <config> <image...>',
    description: 'tell what pictures show',
    load: async (signal) => (await import('./commands/classify.js')).classifyCommand(signal),
  },
  serve: {
    takes: '[options] <config...>',
    description: 'answer over HTTP what models see in pictures',
    load: async (signal) => (await import('./commands/serve.js')).serveCommand(signal),
  },
  evaluate: {
    takes: '[options] <config>',
    description: 'run a model over a dataset and score it',
    load: async (signal) => (await import('./commands/evaluate.js')).evaluateCommand(signal),
  },
  worker: {
    takes: '[options]',
    description: 'run pictures that evaluate --queue and detect --queue give out, beside other workers',
    load: async (signal, args) => (await import('./commands/worker.js')).workerCommand(signal, args),
  },
  score: {
    takes: '',
    description: 'figures of results files, without a model',
    load: async () => (await import('./commands/score.js')).scoreCommand(),
  },
  analyse: {
    takes: '[options]',
    description: 'why a detector or a segmenter scores what it scores: a report in one HTML file',
    load: async () => (await import('./commands/analyse.js')).analyseCommand(),
  },
  browse: {
    takes: '[options]',
    description: "draw a dataset's annotations over a sample of its pictures, as one sheet",
    load: async (signal) => (await import('./commands/browse.js')).browseCommand(signal),
  },
  convert: {
    takes: '[options]',
    description: "write a dataset's annotations in the format of another tool",
    load: async (signal) => (await import('./commands/convert.js')).convertCommand(signal),
  },
  train: {
    takes: '[options] [config]',
    description: 'train a model; its folder then is a config and its weights in one: detect DIR picture.jpg',
    load: async (signal) => (await import('./commands/train.js')).trainCommand(signal),
  },
  benchmark: {
    takes: '[options] <config...>',
    description: 'latency, throughput and memory of networks, taken in turn',
    load: async (signal) => (await import('./commands/benchmark.js')).benchmarkCommand(signal),
  },
  inspect: {
    takes: '[options] <config>',
    description: 'parameters, MACs and feature maps of a network',
    load: async () => (await import('./commands/inspect.js')).inspectCommand(),
  },
  forward: {
    takes: '[options] <config>',
    description: 'run the bare network on a raw tensor',
    load: async (signal) => (await import('./commands/forward.js')).forwardCommand(signal),
  },
  gradients: {
    takes: '[options] <config>',
    description: 'losses and gradients of one batch',
    load: async (signal) => (await import('./commands/gradients.js')).gradientsCommand(signal),
  },
  export: {
    takes: '[options] <config>',
    description: 'write the network as ONNX',
    load: async (signal) => (await import('./commands/export.js')).exportCommand(signal),
  },
  quantize: {
    takes: '[options] <config>',
    description: 'write the network in int8, for faster prediction: a config and its weights in one file',
    load: async (signal) => (await import('./commands/quantize.js')).quantizeCommand(signal),
  },
  models: {
    takes: '',
    description: 'published models: list them, download their weights, remove them',
    load: async (signal) => (await import('./commands/models.js')).modelsCommand(signal),
  },
  config: {
    takes: '',
    description: 'show configs',
    load: async () => (await import('./commands/config.js')).configCommand(),
  },
  doctor: {
    takes: '[options]',
    description: 'versions, engines, devices and threads of this machine',
    load: async () => (await import('./commands/doctor.js')).doctorCommand(),
  },
  scenes: {
    takes: '[options]',
    description: 'draw pictures of things of eight classes, with boxes and label maps, to train and test with',
    load: async (signal) => (await import('./commands/scenes.js')).scenesCommand(signal),
  },
  demo: {
    takes: '[options]',
    description: 'find blood cells, and things among clutter, in pictures that it draws itself',
    load: async (signal) => (await import('./commands/demo.js')).demoCommand(signal),
  },
};

/**
 * What `lowformer ARGUMENTS…` needs: the command that is called, or whose help is, alone; where none is, an outline of
 * each, which the help of all and the message on a misspelt name need. All of them would take half a second to read.
 */
export async function calledCommands(args: readonly string[], signal: AbortSignal): Promise<readonly Command[]> {
  // Options before the command's name have no values.
  const [first = '', second = ''] = args.filter((arg) => !arg.startsWith('-'));
  const called = first === 'help' ? second : first;
  const entry = Object.hasOwn(COMMANDS, called) ? COMMANDS[called] : undefined;
  if (entry !== undefined) return [await loadCommand(entry, signal, args)];
  return Object.entries(COMMANDS).map(([name, one]) => outline(name, one));
}

/** A command as it can be called. */
export async function loadCommand(
  { description, load }: CommandEntry,
  signal: AbortSignal,
  args: readonly string[] = [],
): Promise<Command> {
  return (await load(signal, args)).description(description);
}

/** A command's line in the help, where `[options]` stands as an argument's name does. */
function outline(name: string, { takes, description }: CommandEntry): Command {
  const command = new Command(name).description(description);
  return takes === '' ? command : command.arguments(takes);
}
