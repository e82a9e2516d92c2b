/**
 * `lowformer/evaluation`: figures of detections, label maps and rankings against ground truth, without a model and
 * without Node's modules. COCO AP equals pycocotools', VOC mAP mmdet's, mIoU mmseg's, top-k timm's.
 *
 * @module lowformer/evaluation
 */
export { type ErrorCode, type ErrorParts, LowformerError } from '../core/errors.js';
export type { Size } from '../core/frame.js';
export type { Box } from '../core/results.js';
export type { Difference, Interval } from '../evaluation/bootstrap.js';
export type { CategoryBreakdown } from '../evaluation/coco_breakdown.js';
export type { CocoCounts } from '../evaluation/coco_counts.js';
export type { CocoArray, CocoCurves } from '../evaluation/coco_curves.js';
export {
  type CocoEvaluator,
  type CocoEvaluatorOptions,
  createCocoEvaluator,
  evaluateCoco,
} from '../evaluation/coco_evaluator.js';
export {
  AREA_RANGES,
  type AreaRange,
  COCO_STATS,
  type CocoStat,
  IOU_THRESHOLDS,
  MAX_DETECTIONS,
  type MaxDetections,
  RECALL_THRESHOLDS,
} from '../evaluation/coco_parameters.js';
export type * from '../evaluation/coco_records.js';
export type { CategoryAp, CocoSummary } from '../evaluation/coco_summary.js';
export {
  type CategoryAnalysis,
  createDetectionAnalyser,
  type DetectionAnalyser,
  type DetectionAnalysis,
  type DetectionAnalysisOptions,
  type ScoreProfile,
  type WorstDetections,
} from '../evaluation/detection_analysis.js';
export {
  type CategoryDifference,
  type ComparisonOptions,
  createDetectionComparer,
  type DetectionComparer,
  type DetectionComparison,
} from '../evaluation/detection_comparison.js';
export type { MatchThresholds } from '../evaluation/detection_confusion.js';
export {
  createLabelSuggester,
  type LabelSuggester,
  type LabelSuggestions,
  type MissingLabel,
  type Suggestions,
  type UnfoundLabel,
  type WrongClass,
} from '../evaluation/label_suggestions.js';
export type { PictureDifference } from '../evaluation/picture_errors.js';
export type {
  BestThreshold,
  Calibration,
  ConfidenceCurve,
  MacroThreshold,
  ReliabilityBin,
  ScoreBin,
} from '../evaluation/score_profile.js';
export {
  type ClassConfusion,
  createSegmentationAnalyser,
  type SegmentationAnalyser,
  type SegmentationAnalysis,
  type WorstSegmentation,
} from '../evaluation/segmentation_analysis.js';
export {
  type ClassDifference,
  createSegmentationComparer,
  type SegmentationComparer,
  type SegmentationComparison,
  type SegmentedPictureDifference,
} from '../evaluation/segmentation_comparison.js';
export {
  createSegmentationMetrics,
  type LabelMap,
  type SegmentationCounts,
  type SegmentationMetrics,
  type SegmentationResult,
  type SegmentationSettings,
} from '../evaluation/segmentation_metrics.js';
export {
  type ClassScores,
  type SegmentationClassScores,
  type SegmentationScores,
  segmentationScores,
} from '../evaluation/segmentation_scores.js';
export { createTideAnalysis, type TideAnalysis, type TideCosts, type TideResult } from '../evaluation/tide_costs.js';
export { TIDE_KINDS, type TideError, type TideKind } from '../evaluation/tide_errors.js';
export type { TideMark } from '../evaluation/tide_marks.js';
export { createTopK, type TopK, type TopKCounts, type TopKResult } from '../evaluation/top_k.js';
export { averagePrecision, precisionRecall, type VocCurve, type VocMode } from '../evaluation/voc_curve.js';
export {
  createVocMap,
  type ImageId,
  type VocClassResult,
  type VocCounts,
  type VocDetection,
  type VocMap,
  type VocObject,
  type VocPicture,
  type VocResult,
  type VocSettings,
} from '../evaluation/voc_map.js';
