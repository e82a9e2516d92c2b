import { LowformerError } from '../core/errors.js';
import type { Precision } from '../graph/onnx/precision.js';
import { labelMap, type Pass, type PassSwitches, switchedPasses, topCandidates } from '../graph/passes/index.js';
import type { InputSizes } from '../tasks/deploy.js';
import type { Model } from '../tasks/model.js';

/** Every switch, so that one that is added has to be decided on. */
const MEASURED_FASTER = {
  composePairs: true,
  composeLinear: true,
  subPixel: true,
  winograd: true,
} as const satisfies Required<PassSwitches>;

/** Semantic FPN gains by moved sums in both, RetinaNet in neither. OpenVINO chooses how it convolves by itself. */
const GAINS: Readonly<Record<string, PassSwitches>> = {
  onnxruntime: MEASURED_FASTER,
  openvino: { ...MEASURED_FASTER, winograd: false },
};

/** What the user says of passes, which comes first, and of precision. */
export interface AskedPasses {
  readonly passes?: PassSwitches | undefined;
  readonly precision?: Precision | undefined;
}

/**
 * Which of the switched passes a network goes through: those that ONNX Runtime and OpenVINO have been measured to gain by, on the
 * processor; none for other engines and devices, which nobody has measured.
 */
export function deployedPasses(
  engine: string,
  device: string,
  { passes = {}, precision = 'float32' }: AskedPasses = {},
): readonly Pass[] {
  const gains = device === 'cpu' ? (GAINS[engine] ?? {}) : {};
  // The transforms lose more than half a number of ten bits has.
  const exact = precision === 'float32' ? {} : { winograd: false };
  return switchedPasses({ ...gains, ...exact, ...passes });
}

/**
 * The pass by which a detector gives out what decoding can need and no more, where it is asked for. By default on no device: which
 * form is faster depends on how a card sorts and reads back, and `benchmarks/gpu` measures it (the step `forms`).
 * @throws {LowformerError} `invalid-argument` where it cannot be.
 */
export function candidatesPass(model: Model, wanted: boolean | undefined): Pass | undefined {
  if (wanted !== true) return undefined;
  const rows = model.task === 'detection' ? model.decode.candidateRows : undefined;
  if (rows !== undefined) return topCandidates(rows);
  const expected = 'a detector of which test_cfg.nms_pre bounds the candidates, whose scores are sigmoids';
  const received = model.task === 'detection' ? model.type : model.task;
  throw new LowformerError({ code: 'invalid-argument', where: 'passes.topCandidates', expected, received });
}

/**
 * The pass by which a segmentor gives out its labels in place of its scores, where it is asked for. By default on no device: labels
 * are those of decoding but where two classes are equal up to rounding.
 * @throws {LowformerError} `invalid-argument` where it cannot be.
 */
export function labelsPass(model: Model, inputs: InputSizes, wanted: boolean | undefined): Pass | undefined {
  if (wanted !== true) return undefined;
  const refused = (expected: string, received: string) =>
    new LowformerError({ code: 'invalid-argument', where: 'passes.labelMap', expected, received });
  if (model.task !== 'segmentation' || model.scores === undefined) {
    throw refused('a segmentor', model.task === 'segmentation' ? model.type : model.task);
  }
  if (model.thresholded) throw refused('a segmentor with an output a class', 'one that a threshold decides');
  if (model.windows !== undefined) throw refused('pictures that go whole, test_cfg.mode=whole,', 'slide');
  if (inputs.kind === 'views') throw refused('one look at each picture', 'test-time augmentation');
  return labelMap(model.scores);
}
