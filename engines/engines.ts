import { type EngineTable, engineTable } from './engine_table.js';
import { onnxruntime } from './onnxruntime/definition.js';
import { openvino } from './openvino/definition.js';
import { tfjs } from './tfjs/definition.js';

/** One line each. */
const own = { onnxruntime, openvino, tfjs } as const;
type OwnEngines = typeof own;

/**
 * Every engine that may be named, for completion. A third party's engine joins by declaration merging:
 * `declare module 'lowformer' { interface RegisteredEngines { readonly mine: typeof mine } }`.
 */
export interface RegisteredEngines extends OwnEngines {}

/** Any name is taken, and looked up when it is used: these are the ones that are known. */
export type EngineName = keyof RegisteredEngines | (string & {});

/** The default first. */
export const ENGINES: EngineTable = engineTable(Object.values(own));

export const DEFAULT_ENGINE = 'onnxruntime' satisfies keyof OwnEngines;
