/** Models without a network: what they see in a picture follows from its first pixel, when the test lets them go on. */
import { categoryId, classIndex } from '../../core/brands.js';
import type { RgbImage } from '../../core/frame.js';
import type { Result } from '../../core/results.js';
import { type ImageSource, loadImage, sourceName } from '../../models/image_source.js';
import { type RunningModel, runningModel } from '../../models/running_model.js';

export interface FakeOptions {
  /** Waited for by each run, which an aborted signal ends. */
  readonly until?: (signal: AbortSignal | undefined) => Promise<void>;
  /** Told of every picture that is run. */
  readonly onRun?: (name: string) => void;
  readonly onDispose?: () => void;
  /** Of a picture whose first pixel is dark, and of another. */
  readonly classes?: readonly [string, string];
}

const CLASSES = ['dark', 'bright'] as const;

/** A model of a task whose class is 'dark' or 'bright', by the red of the first pixel. */
export function fakeModel(
  task: Result['kind'],
  { until, onRun, onDispose, classes = CLASSES }: FakeOptions = {},
): RunningModel<Result, ImageSource> {
  return runningModel<Result, ImageSource>({
    facts: {
      task,
      device: 'cpu',
      engine: { by: 'name', name: 'onnxruntime' },
      classes,
      palette: [],
      categoryIds: [1, 2],
      parameters: 1,
      config: {},
      report: undefined,
      unused: [],
    },
    pictures: { load: loadImage, nameOf: sourceName },
    async run(images, options = {}, names = []) {
      for (const name of names) onRun?.(name);
      await until?.(options.signal);
      options.signal?.throwIfAborted();
      return images.map((image) => resultOf(task, image, classes));
    },
    dispose: async () => onDispose?.(),
  });
}

function resultOf(kind: Result['kind'], { width, height, data }: RgbImage, classes: readonly [string, string]): Result {
  const index = (data[0] ?? 0) < 128 ? 0 : 1;
  const [first, second] = index === 0 ? ([0, 1] as const) : ([1, 0] as const);
  const named = (at: 0 | 1) => ({ classIndex: classIndex(at), category: classes[at] });
  switch (kind) {
    case 'detection': {
      const found = { ...named(first), categoryId: categoryId(first + 7) };
      const detections = [0.75, 0.25].map((score) => ({ ...found, score, box: [1, 2, width, height] as const }));
      return { kind, width, height, detections };
    }
    case 'segmentation': {
      const labels = new Uint8Array(width * height).fill(first);
      return { kind, width, height, labels, classes: [{ ...named(first), pixels: width * height }] };
    }
    case 'classification':
      return {
        kind,
        width,
        height,
        ranking: [
          { ...named(first), score: 0.75 },
          { ...named(second), score: 0.25 },
        ],
      };
  }
}
