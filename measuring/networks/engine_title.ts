import { DEFAULT_ENGINE, ENGINES } from '../../engines/index.js';

/** `ONNX Runtime 1.30.0`; of another engine its name. @param onnxruntime the version that a record of measurements holds. */
export function engineTitle(name: string, onnxruntime: string): string {
  return name === DEFAULT_ENGINE ? `${ENGINES.get(name).title} ${onnxruntime}` : name;
}
