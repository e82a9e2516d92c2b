import type { z } from 'zod';

/** Which result a model gives. */
export type TaskKind = 'detection' | 'segmentation' | 'classification';

/** A whole model as a config writes it: which parts it has, under which keys, and how pictures are prepared for it. */
export interface TaskDefinition<Type extends string, Preprocessor extends z.ZodType> {
  /** The model's `type` in a config: `RetinaNet`, `EncoderDecoder`. */
  readonly type: Type;
  readonly task: TaskKind;
  /** The config's key of the head, and the head's prefix in a state_dict. */
  readonly headKey: 'bbox_head' | 'decode_head' | 'head';
  readonly neck: 'required' | 'optional' | 'none';
  /** Of `data_preprocessor`. */
  readonly preprocessorSchema: Preprocessor;
  /** Keys that OpenMMLab's model takes for training alone. */
  readonly trainingKeys: readonly string[];
}

export const defineTask = <const Type extends string, Preprocessor extends z.ZodType>(
  task: TaskDefinition<Type, Preprocessor>,
): TaskDefinition<Type, Preprocessor> => task;
