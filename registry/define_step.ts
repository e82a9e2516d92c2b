import type { z } from 'zod';
import type { Size } from '../core/frame.js';
import type { Resampling } from '../images/resize_sample.js';
import type { Sample } from '../images/sample.js';
import type { TaskKind } from './define_task.js';

/** A step of a `test_pipeline`: what it does to a picture, and what others must know of it without running it. */
export interface StepDefinition<Type extends string, Schema extends z.ZodObject> {
  /** The config's `type`. */
  readonly type: Type;
  /** Of the keys beside `type`; strict. Keys that OpenMMLab's step takes for other things are accepted: `z.unknown().optional()`. */
  readonly schema: Schema;
  /**
   * The picture after the step. A step that moves pixels moves boxes and label map with them: `resizeSample`, `padSample`
   * and `cropSample` do, and keep the way back to the original picture.
   * @throws {LowformerError} `invalid-config` where the step cannot stand at this place.
   */
  apply(sample: Sample, config: z.output<Schema>): Sample;
  /** Height and width are others afterwards. Need not be said where there is a `divisor`. */
  readonly setsSize?: true;
  /**
   * A number that divides height and width of whatever the step makes of any picture; 1 where nothing is known. The
   * network is specialised to it, so it is held to what comes out.
   */
  divisor?(config: z.output<Schema>): number;
  /** How the step resizes, for whoever puts another resize in its place. */
  resampling?(config: z.output<Schema>): Resampling;
  /**
   * What a part of the picture is after the step, where that follows from the part alone: `same`, or `pixelwise` of each pixel
   * by itself. Large pictures are then prepared in parts.
   */
  readonly parts?: 'same' | 'pixelwise';
  /** The size that a picture of some size gets, of a step that resizes and does nothing else to its pixels. */
  resizedSize?(size: Size, config: z.output<Schema>): Size;
  /** Whether the picture is mirrored afterwards: results are mirrored back, where several looks are averaged. */
  flips?(config: z.output<Schema>): boolean;
  /** Keys whose defaults differ between OpenMMLab's projects: what a config of this task means that leaves them out. */
  defaultsOf?(task: TaskKind): { readonly [Key in keyof z.output<Schema>]?: z.output<Schema>[Key] };
  /** The keys that give every picture one size, of a step whose place another resize cannot take: it normalises as well. */
  atSize?(size: Size): Partial<z.output<Schema>>;
  /** The picture is float32 afterwards, in the range of the network: no `data_preprocessor` has to say so. */
  readonly normalises?: true;
}

export const defineStep = <const Type extends string, Schema extends z.ZodObject>(
  step: StepDefinition<Type, Schema>,
): StepDefinition<Type, Schema> => step;
