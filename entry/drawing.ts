/**
 * `lowformer/drawing`: boxes with tags, tracks, counts, class overlays, contact sheets, label maps; written as PNG and JPEG. In Node.
 *
 * @module lowformer/drawing
 */
export { type ErrorCode, type ErrorParts, LowformerError } from '../core/errors.js';
export type { RgbImage, Size } from '../core/frame.js';
export type { Box, ClassPixels, Detection, Detections, SegmentationMap } from '../core/results.js';
export { drawBoxes } from '../drawing/boxes.js';
export type { CanvasPackage, Context, FallbackFonts, LoadCanvas } from '../drawing/canvas.js';
export { LABEL_FONT } from '../drawing/canvas.js';
export { drawClasses } from '../drawing/class_overlay.js';
export { type ContactSheet, drawContactSheet, type SheetPicture } from '../drawing/contact_sheet.js';
export {
  type DrawCountsOptions,
  type DrawnCounts,
  type DrawnLine,
  type DrawnZone,
  drawCounts,
} from '../drawing/counts.js';
export { type DemoCell, type DemoCellKind, type DemoScene, drawDemoScene } from '../drawing/demo_scene.js';
export { type DrawDetectionsOptions, drawDetections } from '../drawing/detections.js';
export { encodeLabelMap, type LabelMapOptions, writeLabelMap } from '../drawing/label_map.js';
export type { LegendEntry } from '../drawing/legend.js';
export { classColour, classPalette, type GivenPalette, type Rgb, textColour } from '../drawing/palette.js';
export { type DrawSegmentationOptions, drawSegmentation } from '../drawing/segmentation.js';
export {
  type AnnotatedBox,
  type AnnotatedLabels,
  drawBoxThumbnail,
  drawLabelThumbnail,
  thumbnailSize,
} from '../drawing/thumbnail.js';
export { type DrawnTrack, type DrawTracksOptions, drawTracks, type Point } from '../drawing/tracks.js';
export { writeImage } from '../drawing/write_png.js';
