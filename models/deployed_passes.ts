import { type Pass, type PassSwitches, switchedPasses } from '../graph/passes/index.js';

/** Every switch, so that one that is added has to be decided on. */
const MEASURED_FASTER = {
  composePairs: true,
  composeLinear: true,
  subPixel: true,
} as const satisfies Required<PassSwitches>;

/** Semantic FPN gains in both, RetinaNet in neither. */
const GAINS: readonly string[] = ['onnxruntime', 'openvino'];

/**
 * Which of the switched passes a network goes through: those that ONNX Runtime and OpenVINO have been measured to gain by, on the
 * processor; none for other engines and devices, which nobody has measured.
 * @param asked what the user says, which comes first.
 */
export function deployedPasses(engine: string, device: string, asked: PassSwitches = {}): readonly Pass[] {
  return switchedPasses({ ...(GAINS.includes(engine) && device === 'cpu' ? MEASURED_FASTER : {}), ...asked });
}
