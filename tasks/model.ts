import type { z } from 'zod';
import type { CheckpointFacts } from '../core/checkpoint_facts.js';
import type { Tensors } from '../core/tensor.js';
import type { Graph } from '../graph/graph.js';
import type { Preprocessor } from '../images/batch.js';
import type { DetectionDecoder, ModuleCheckpoint, SegmentationDecoder } from '../registry/define.js';
import type { Feature } from '../registry/feature.js';

/** A feature map by the name under which the whole graph gives it out: `c2`, `p3`, numbered by log2 of its stride. */
export interface NamedFeature extends Feature {
  readonly name: string;
}

export interface CheckedPart extends Pick<ModuleCheckpoint<z.ZodType>, 'form'> {
  /** `model.neck`. */
  readonly path: string;
  readonly config: unknown;
}

interface BuiltModel {
  /** The config's `type`. */
  readonly type: string;
  /** Backbone, neck and head: gives out what the head says, which is all that decoding needs. */
  readonly graph: Graph;
  /** The same network, giving out every feature map as well. */
  readonly wholeGraph: Graph;
  readonly features: readonly NamedFeature[];
  /** Height and width of the input must be multiples of it, which `toBatch` sees to; 1 where any size will do. */
  readonly sizeDivisor: number;
  /** Of label maps where one output is held against a threshold: two. */
  readonly numClasses: number;
  /** Whether a single output tells the foreground from the background: `metainfo` may then name the foreground alone. */
  readonly thresholded: boolean;
  /** `data_preprocessor`; without one, pictures go in as they are, as in OpenMMLab. */
  readonly preprocessor: Preprocessor;
  /** What the schemas made of each part, defaults filled in, by its path in the config. */
  readonly checked: readonly CheckedPart[];
  /** What each part knows of its checkpoints. */
  readonly checkpointFacts: readonly CheckpointFacts[];
  /** Config paths that were accepted and are not used: they concern training. */
  readonly unused: readonly string[];
}

/** A network built from a config, with what turns its raw outputs into results. No weights, no engine yet. */
export type Model =
  | (BuiltModel & {
      readonly task: 'detection';
      readonly decode: DetectionDecoder;
    })
  | (BuiltModel & Readonly<SegmentationDecoder> & { readonly task: 'segmentation' })
  | (BuiltModel & {
      readonly task: 'classification';
      /** Probabilities of all classes. */
      readonly decode: (outputs: Tensors, index: number) => Float32Array;
    });
