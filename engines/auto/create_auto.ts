/** `auto` for a network that is no model's: its inputs are the caller's to say. */
import { LowformerError } from '../../core/errors.js';
import type { Tensors } from '../../core/tensor.js';
import { packageVersion } from '../../files/package_version.js';
import { createEngineOf } from '../create_engine.js';
import type { EngineModel, EngineOptions } from '../engine.js';
import type { EngineTable } from '../engine_table.js';
import { graphFacts } from '../network_facts.js';
import { checkOptionNames } from '../option_names.js';
import { AUTO, type ChosenEngine } from './choice.js';
import { chooseEngine } from './choose.js';

export interface AutoEngineOptions extends EngineOptions {
  readonly auto: {
    /** What it is measured with, at the size that will come: a graph has none. */
    readonly inputs: Tensors;
    /** A folder for what was measured, so that the next start need not measure again; without one it does. */
    readonly folder?: string;
    /** Told which engine it is, the times, and what was passed over. */
    readonly say?: (line: string) => void;
  };
}

/** @throws {LowformerError} as `chooseEngine`; `invalid-argument` without inputs, and for an ONNX file. */
export async function createAutoEngine(
  table: EngineTable,
  model: EngineModel,
  options: EngineOptions | AutoEngineOptions,
): Promise<ChosenEngine> {
  if (!hasInputs(options)) {
    if (!('auto' in options)) table.get(AUTO);
    const expected = 'auto, with the inputs that engines are measured with, beside the engine auto';
    throw new LowformerError({ code: 'invalid-argument', where: 'options.auto', expected, received: 'none' });
  }
  if (!('graph' in model)) {
    const expected = 'a network, and no ONNX file: what that holds may be calculated otherwise from engine to engine';
    throw new LowformerError({ code: 'invalid-argument', where: 'engine', expected, hint: 'Name an engine' });
  }
  const { auto, ...own } = options;
  checkOptionNames(own);
  const { inputs, folder, say = () => {} } = auto;
  const subject = Object.entries(inputs).map(([name, { shape }]) => `${name} ${shape.join('x')}`);
  return chooseEngine({
    table,
    options: own,
    open: (name) => createEngineOf(table, name, model, own),
    inputs: () => inputs,
    subject: subject.join(', '),
    memory: folder === undefined ? undefined : { folder, facts: () => [packageVersion(), graphFacts(model.graph)] },
    say,
  });
}

function hasInputs(options: EngineOptions | AutoEngineOptions): options is AutoEngineOptions {
  return 'auto' in options && typeof options.auto === 'object' && options.auto !== null && 'inputs' in options.auto;
}
