/** What the page with pictures asks of its worker. */
import type { RgbImage } from '../../../core/frame.js';
import type { Result } from '../../../core/results.js';
import type { WebDevice } from '../../../engines/onnxruntime_web/web_device.js';
import type { TaskKind } from '../../../registry/define_task.js';
import type { StageTiming } from '../../../tasks/predictor.js';
import type { ConfigSource } from '../model/config_source.js';
import type { CheckpointFile } from '../model/open_model.js';

export type PredictionRequest =
  | {
      readonly kind: 'load';
      readonly config: ConfigSource;
      readonly checkpoint: CheckpointFile | undefined;
      readonly device: WebDevice;
      readonly threads: number;
    }
  | { readonly kind: 'predict'; readonly image: RgbImage };

export type PredictionAnswer =
  | { readonly kind: 'loaded'; readonly model: LoadedDescription }
  | { readonly kind: 'predicted'; readonly result: Result; readonly timing: StageTiming };

/** What a page shows of a model. */
export interface LoadedDescription {
  readonly task: TaskKind;
  /** The config's `model.type` and the type of its backbone. */
  readonly type: string;
  readonly backbone: string;
  readonly classes: readonly string[];
  readonly palette: readonly (readonly number[])[];
  readonly parameters: number;
  readonly report: readonly string[];
  /** From the config to a network that runs. */
  readonly milliseconds: number;
}
