/** A detector and a segmentor at work on drawn scenes: one to look at, and figures over some that neither has seen. */
import type { RgbImage, Size } from '../../core/frame.js';
import type { Detections, SegmentationMap } from '../../core/results.js';
import { drawDetections } from '../../drawing/detections.js';
import { drawSegmentation } from '../../drawing/segmentation.js';
import { createCocoEvaluator } from '../../evaluation/coco_evaluator.js';
import { createSegmentationMetrics } from '../../evaluation/segmentation_metrics.js';
import type { LoadedModel } from '../../models/loaded_model.js';
import { drawScene, type SceneObject } from '../../scenes/scene.js';
import { SCENE_CLASSES, SCENE_LABELS } from '../../scenes/shapes/index.js';

/** Such as the models were trained on. */
const SIZE: Size = { width: 256, height: 256 };
/** Detections of less are not drawn. */
const SCORE_THRESHOLD = 0.3;

export interface SceneModels {
  /** Of `SCENE_CLASSES`. */
  readonly detector: Pick<LoadedModel<Detections>, 'predict'>;
  /** Of `SCENE_LABELS`. */
  readonly segmentor: Pick<LoadedModel<SegmentationMap>, 'predict'>;
}

export interface SceneDemo {
  /** What is there, and what was found with a score of 0.3 and more, in the first scene. */
  readonly objects: readonly SceneObject[];
  readonly found: Detections['detections'];
  readonly detected: RgbImage;
  readonly segmented: RgbImage;
  /** Over all scenes: COCO's figures, and the mean IoU of the nine labels; -1 and null where nothing is to measure. */
  readonly AP: number;
  readonly AP50: number;
  readonly mIoU: number | null;
}

/**
 * Draws scenes, has both models say what they see, and holds that against what is there.
 * @param seed of the scenes; the demo's own, which no training has.
 * @param count of scenes, 1 or more.
 */
export async function sceneDemo(
  { detector, segmentor }: SceneModels,
  { seed, count, signal }: { readonly seed: number; readonly count: number; readonly signal?: AbortSignal | undefined },
): Promise<SceneDemo> {
  const coco = createCocoEvaluator(SCENE_CLASSES.map((name, i) => ({ id: i + 1, name })));
  const labels = createSegmentationMetrics({ numClasses: SCENE_LABELS.length });
  const options = signal === undefined ? {} : { signal };
  let running = 1;
  const look = async (picture: number) => {
    const { image, labels: truth, objects } = drawScene(seed, picture, SIZE);
    const [{ detections }, map] = await Promise.all([
      detector.predict(image, options),
      segmentor.predict(image, options),
    ]);
    coco.add(
      picture,
      objects.map(({ classIndex, bbox, area }) => {
        return { id: running++, category_id: classIndex + 1, bbox, area, iscrowd: false };
      }),
      detections.map(({ box: [x1, y1, x2, y2], score, classIndex }) => {
        return { category_id: classIndex + 1, bbox: [x1, y1, x2 - x1, y2 - y1], score };
      }),
    );
    labels.add(String(picture), truth, map);
    return { image, objects, detections, map };
  };
  const { image, objects, detections, map } = await look(0);
  for (let picture = 1; picture < count; picture++) await look(picture);
  const found = detections.filter(({ score }) => score >= SCORE_THRESHOLD);
  const { AP, AP50 } = coco.result().stats;
  return {
    objects,
    found,
    detected: await drawDetections(image, found),
    segmented: await drawSegmentation(image, map),
    AP,
    AP50,
    mIoU: labels.result().mIoU,
  };
}
