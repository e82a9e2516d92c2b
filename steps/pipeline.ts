/** A config's `test_pipeline`: checked against the table of steps, and run over a picture. */
import { z } from 'zod';
import { LowformerError, nearestName } from '../core/errors.js';
import type { RgbImage, Size } from '../core/frame.js';
import type { Resampling } from '../images/resize_sample.js';
import { type Annotations, type Frame, type Sample, startSample } from '../images/sample.js';
import { sizeOf } from '../images/target_size.js';
import type { TaskKind } from '../registry/define_task.js';
import { foreignScope } from '../registry/type_names.js';
import { type AnyStep, STEPS } from './index.js';

/** A checked step: its `type` in the table, and the keys that its schema gives. */
export interface PipelineStep {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A checked `test_pipeline`. */
export type TestPipeline = readonly PipelineStep[];

/**
 * Of a config's `test_pipeline`, with the steps that the table has now.
 * @param task of the config, whose project may have defaults of its own.
 */
export function testPipelineSchema(task?: TaskKind): z.ZodType<TestPipeline> {
  const [first, ...others] = STEPS.names().map((type) => withType(STEPS.get(type, 'test_pipeline'), task));
  if (first === undefined) throw new RangeError('no step in the table');
  const step = z.discriminatedUnion('type', [first, ...others], {
    error: ({ input }) => {
      const type = typeof input === 'object' && input !== null && 'type' in input ? String(input.type) : undefined;
      const near = type === undefined ? undefined : nearestName(type, STEPS.names());
      const expected = `expected the type of a step (${STEPS.names().join(', ')})`;
      const hint = near === undefined ? foreignScope(type) : `Did you mean '${near}'?`;
      return hint === undefined ? expected : `${expected}. ${hint}`;
    },
  });
  return z.array(step.pipe(z.looseObject({ type: z.string() })));
}

/** The step's own schema, its refinements included, with the `type` that tells it from others and the task's defaults. */
function withType({ type, schema, defaultsOf }: AnyStep, task: TaskKind | undefined): z.ZodObject {
  const defaults = task === undefined ? {} : (defaultsOf?.(task) ?? {});
  const given: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  const otherwise = Object.entries(defaults).map(([key, value]) => [key, z._default(given[key] ?? z.unknown(), value)]);
  const shape = { type: z.literal(type), ...schema.shape, ...Object.fromEntries(otherwise) };
  return schema.clone({ ...schema.def, shape });
}

/**
 * Runs a pipeline over a decoded picture, and over what is known of it; loading and packing steps change nothing.
 * @throws {LowformerError} `invalid-argument` for a picture without pixels, one so narrow that resizing leaves none, or
 *   annotations that are not the picture's; `invalid-config` for steps in an order that cannot be: a resize after
 *   `Normalize` or `CenterCrop`.
 */
export function prepareFrame(image: RgbImage, pipeline: TestPipeline, annotations: Annotations = {}): Frame {
  return continueFrame(startSample('prepareFrame', image, annotations), pipeline);
}

/** The steps that are left, over what those before them have made. @throws {LowformerError} as `prepareFrame`. */
export function continueFrame(sample: Sample, pipeline: TestPipeline): Frame {
  const { pixels, transform, annotations: moved } = pipeline.reduce(applyStep, sample);
  const padded = sizeOf([pixels.width, pixels.height]);
  return { pixels, transform: { ...transform, padded }, annotations: moved };
}

function applyStep(sample: Sample, step: PipelineStep): Sample {
  const after = definitionOf(step).apply(sample, step);
  checkSizeAfter(sample, after, step);
  return after;
}

/** Networks are specialised to what a step says of its sizes: one that says what is not so would give wrong numbers. */
function checkSizeAfter({ pixels: before }: Sample, { pixels: { width, height } }: Sample, step: PipelineStep): void {
  const divisor = stepDivisor(step);
  const asSaid =
    divisor === undefined
      ? width === before.width && height === before.height
      : width % divisor === 0 && height % divisor === 0;
  if (asSaid) return;
  const expected =
    divisor === undefined ? 'a picture of the size that came, or setsSize' : `sides that are multiples of ${divisor}`;
  const received = `${width}x${height}`;
  throw new LowformerError({ code: 'invalid-argument', where: `test_pipeline ${step.type}`, expected, received });
}

/** What divides both sides of whatever a step leaves; undefined where the step leaves the size alone. */
export function stepDivisor(step: PipelineStep): number | undefined {
  const definition = definitionOf(step);
  return definition.divisor?.(step) ?? (definition.setsSize === true ? 1 : undefined);
}

/** How a step resizes; undefined where it does not. */
export function stepResampling(step: PipelineStep): Resampling | undefined {
  return definitionOf(step).resampling?.(step);
}

/** The size that a step gives pictures of some size, where it resizes them and does nothing else; undefined of others. */
export function stepResizedSize(step: PipelineStep, size: Size): Size | undefined {
  return definitionOf(step).resizedSize?.(size, step);
}

/** What a step does to parts of a picture by themselves; undefined where it wants the whole. */
export function stepParts(step: PipelineStep): 'same' | 'pixelwise' | undefined {
  return definitionOf(step).parts;
}

/** Whether a step mirrors the picture. */
export function stepFlips(step: PipelineStep): boolean {
  return definitionOf(step).flips?.(step) === true;
}

/** A step with one size for every picture; undefined where another resize can stand in its place. */
export function stepAtSize(step: PipelineStep, size: Size): PipelineStep | undefined {
  const { atSize } = definitionOf(step);
  return atSize === undefined ? undefined : { ...step, ...atSize(size) };
}

/** Whether the network's numbers come out of a step, and not 8-bit pixels. */
export function stepNormalises(step: PipelineStep): boolean {
  return definitionOf(step).normalises === true;
}

function definitionOf({ type }: PipelineStep): AnyStep {
  return STEPS.get(type, 'test_pipeline');
}
