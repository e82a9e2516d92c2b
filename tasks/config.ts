/** What a whole config looks like to the editor: a misspelt key is an error there already, and again when it is read. */
import type { z } from 'zod';
import type { BackboneConfig } from '../backbones/index.js';
import type { MetaInfo } from '../data/metainfo.js';
import type { ClassificationHeadConfig, DetectionHeadConfig, SegmentationHeadConfig } from '../heads/index.js';
import type { clsPreprocessorSchema, detPreprocessorSchema, segPreprocessorSchema } from '../images/batch.js';
import type { NeckConfig } from '../necks/index.js';
import type { StepConfig } from '../steps/index.js';

interface Whole<ModelConfig> extends RecipeKeys {
  /** A file, or several, that this one changes. */
  readonly _base_?: string | readonly string[];
  readonly model: ModelConfig;
  readonly test_pipeline: readonly StepConfig[];
  readonly metainfo: MetaInfo;
  /** The checkpoint, unless another is named. */
  readonly load_from?: string | null;
}

type Keys = Readonly<Record<string, unknown>>;
type Typed = Keys & { readonly type: string };

/** How it is trained, in mmengine's keys. Training checks them; inference passes them over. */
interface RecipeKeys {
  readonly train_pipeline?: readonly Typed[];
  readonly train_dataloader?: Keys;
  readonly val_dataloader?: Keys;
  readonly val_evaluator?: Typed | readonly Typed[];
  readonly train_cfg?: Keys;
  readonly val_cfg?: Keys | null;
  readonly optim_wrapper?: Keys;
  readonly param_scheduler?: Typed | readonly Typed[] | null;
  readonly default_hooks?: Readonly<Record<string, Typed | null>>;
  readonly custom_hooks?: readonly Typed[] | null;
  readonly randomness?: Keys;
  readonly auto_scale_lr?: Keys;
}

interface TrainingKeys {
  readonly train_cfg?: unknown;
  readonly init_cfg?: unknown;
}

/** mmdet's one-stage detectors. */
export interface DetectionConfig extends Whole<DetectorConfig> {}

export interface DetectorConfig extends TrainingKeys {
  readonly type: 'RetinaNet' | 'ATSS' | 'FCOS' | 'SingleStageDetector';
  readonly data_preprocessor?: z.input<typeof detPreprocessorSchema>;
  readonly backbone: BackboneConfig;
  /** Several stand behind one another. */
  readonly neck: NeckConfig | readonly NeckConfig[];
  readonly bbox_head: DetectionHeadConfig;
  readonly test_cfg?: Readonly<Record<string, unknown>>;
}

/** mmseg's segmentors. */
export interface SegmentationConfig extends Whole<SegmentorConfig> {}

export interface SegmentorConfig extends TrainingKeys {
  readonly type: 'EncoderDecoder';
  readonly data_preprocessor?: z.input<typeof segPreprocessorSchema>;
  readonly backbone: BackboneConfig;
  readonly neck?: NeckConfig | readonly NeckConfig[] | null;
  readonly decode_head: SegmentationHeadConfig;
  readonly auxiliary_head?: unknown;
  readonly test_cfg?: Readonly<Record<string, unknown>>;
}

/** mmpretrain's classifiers. */
export interface ClassificationConfig extends Whole<ClassifierConfig> {}

export interface ClassifierConfig extends TrainingKeys {
  readonly type: 'ImageClassifier';
  readonly data_preprocessor?: z.input<typeof clsPreprocessorSchema>;
  readonly backbone: BackboneConfig;
  readonly neck?: { readonly type: 'GlobalAveragePooling' } | null;
  readonly head: ClassificationHeadConfig;
}

export type LowformerConfig = DetectionConfig | SegmentationConfig | ClassificationConfig;
