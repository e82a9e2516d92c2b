import type { z } from 'zod';
import {
  clsPreprocessorSchema,
  detPreprocessorSchema,
  type Preprocessor,
  segPreprocessorSchema,
} from '../images/batch.js';
import { defineTask, type TaskDefinition } from '../registry/define_task.js';
import { type ModuleTable, moduleTable } from '../registry/table.js';

/** mmdet's one-stage detector: backbone, FPN, dense head. */
const retinaNet = defineTask({
  type: 'RetinaNet',
  task: 'detection',
  headKey: 'bbox_head',
  neck: 'required',
  preprocessorSchema: detPreprocessorSchema,
  trainingKeys: ['train_cfg', 'init_cfg', 'pretrained'],
});

/** mmseg's segmentor: backbone, neck, decode head. Its auxiliary heads exist for training. */
const encoderDecoder = defineTask({
  type: 'EncoderDecoder',
  task: 'segmentation',
  headKey: 'decode_head',
  neck: 'optional',
  preprocessorSchema: segPreprocessorSchema,
  trainingKeys: ['train_cfg', 'init_cfg', 'pretrained', 'auxiliary_head'],
});

/** mmpretrain's classifier: backbone and head. */
const imageClassifier = defineTask({
  type: 'ImageClassifier',
  task: 'classification',
  headKey: 'head',
  neck: 'none',
  preprocessorSchema: clsPreprocessorSchema,
  trainingKeys: ['train_cfg', 'init_cfg', 'pretrained'],
});

/** A model of any task, its config not yet checked. */
export type AnyTask = TaskDefinition<string, z.ZodType<Preprocessor>>;

/** Every model that a config may name: one line each. */
export const TASKS: ModuleTable<AnyTask> = moduleTable('model', {
  RetinaNet: retinaNet,
  ATSS: { ...retinaNet, type: 'ATSS' },
  FCOS: { ...retinaNet, type: 'FCOS' },
  SingleStageDetector: { ...retinaNet, type: 'SingleStageDetector' },
  EncoderDecoder: encoderDecoder,
  ImageClassifier: imageClassifier,
});
