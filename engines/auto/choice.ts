/** What came of leaving the choice of an engine to measurement. No Node API. */
import type { Engine } from '../engine.js';

/** In the place of an engine's name: whichever runs the network fastest here. */
export const AUTO = 'auto';

/** An engine that could not take part, and why. */
export interface PassedOver {
  readonly name: string;
  readonly reason: string;
}

/** The engine that runs a network, and how it came to be that one. */
export type EngineChoice =
  /** It was asked for. */
  | { readonly by: 'name'; readonly name: string }
  /** No other is here that calculates the same: nothing was measured. */
  | { readonly by: 'exclusion'; readonly name: string; readonly passedOver: readonly PassedOver[] }
  | (Measured & {
      readonly by: 'measurement';
      readonly passedOver: readonly PassedOver[];
      /** The file that remembers it; undefined where nothing does. */
      readonly file: string | undefined;
    })
  /** It was measured at an earlier start. */
  | (Measured & { readonly by: 'record'; readonly file: string });

/** Milliseconds of a run by the engine's name: the least of several. */
export type EngineTimes = Readonly<Record<string, number>>;

interface Measured {
  readonly name: string;
  readonly milliseconds: EngineTimes;
}

/** An engine that tells which it is. */
export interface ChosenEngine extends Engine {
  readonly choice: EngineChoice;
}

/** The engine with its choice beside it. */
export function chosenEngine(engine: Engine, choice: EngineChoice): ChosenEngine {
  return {
    device: engine.device,
    choice,
    run: (inputs, options) => engine.run(inputs, options),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

/** One line for a person. @param subject what was run: `512x512`. */
export function choiceText(choice: EngineChoice, subject: string): string {
  switch (choice.by) {
    case 'name':
      return `engine: ${choice.name}`;
    case 'exclusion': {
      const others = choice.passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
      return `engine: ${choice.name}, the only one here for this${others === '' ? '' : ` (${others})`}`;
    }
    case 'measurement': {
      const kept = choice.file === undefined ? 'not remembered' : `remembered in ${choice.file}`;
      return `engine: ${choice.name}, measured: ${timesText(choice)} at ${subject}; ${kept}`;
    }
    case 'record':
      return `engine: ${choice.name}, as measured before: ${timesText(choice)}`;
  }
}

/** `openvino 41.2 ms, onnxruntime 57.9 ms`, the fastest first. */
function timesText({ milliseconds }: Measured): string {
  return Object.entries(milliseconds)
    .sort(([, a], [, b]) => a - b)
    .map(([name, time]) => `${name} ${time.toFixed(time < 10 ? 2 : 1)} ms`)
    .join(', ');
}
