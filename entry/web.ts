/**
 * `lowformer/web`: models opened and run in a browser, with the interface of `lowformer` in Node. Needs the package
 * `onnxruntime-web`, and a bundler or an import map.
 *
 * @module lowformer/web
 */

export { type DrawDetectionsOptions, drawBoxes } from '../drawing/boxes.js';
export type { CanvasPackage, LoadCanvas } from '../drawing/canvas.js';
export { type DrawSegmentationOptions, drawClasses } from '../drawing/class_overlay.js';
export { classColour, classPalette, type GivenPalette, type Rgb } from '../drawing/palette.js';
export { findDevices } from '../engines/onnxruntime_web/devices.js';
export type { RuntimeFiles } from '../engines/onnxruntime_web/engine.js';
export type { WebDevice, WebDevices } from '../engines/onnxruntime_web/web_device.js';
export type { RawPixels } from '../images/raw_pixels.js';
export type { Outcome } from '../models/predict_many.js';
export type { PredictManyOptions, PredictOptions } from '../models/predict_options.js';
export type { SliceOptions } from '../models/slices.js';
export { loadBrowserCanvas } from '../web/browser_canvas.js';
export { decodePicture } from '../web/decode_picture.js';
export type { FetchProgress } from '../web/fetch_file.js';
export type { ImageSource } from '../web/image_source.js';
export { type LoadedModel, loadClassifier, loadDetector, loadModel, loadSegmentor } from '../web/load_model.js';
export type { LoadOptions } from '../web/options.js';
export * from './core.js';
