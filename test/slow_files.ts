/**
 * Files of tests that `npm test` leaves to `npm run test:slow`, so that it ends within minutes: each takes long, and others stand for
 * its subject there. `npm run test:all` runs every file, and so does CI. A file that is not listed is fast.
 *
 * A file belongs here where it takes more than three seconds with nothing needless left in it (`/usr/bin/time npx vitest run FILE`,
 * user and system together, on a quiet machine, less those of a file that does nothing), and where the files named beside it would
 * notice that its subject is broken altogether. Fixtures with the numbers of mmdet's, mmseg's and torchvision's predictions stay
 * fast, and so does one model with each registered module. `test/slow_files.test.ts` holds the list.
 */

const of = (folder: string, names: string) => names.split(' ').map((name) => `test/${folder}${name}.test.ts`);

/** What stands for a slow file, and the slow files that it stands for. */
const INSTEAD: readonly (readonly [fast: readonly string[], slow: readonly string[]])[] = [
  // Documents: the README's commands but those that train and measure; its numbers and links.
  [of('docs/', 'first_commands readme'), of('docs/', 'commands examples serving')],
  [of('package/', 'published'), of('', 'examples/examples installation entry/consumer entry/lint entry/bundle')],
  [of('docs/', 'first_commands'), of('tools/', 'demo/scene_demo missing_packages commands/demo')],
  [of('', 'docs/first_commands drawing/detections'), of('', 'drawing/demo_scene drawing/segmentation models/trained')],
  [of('scenes/', 'scene'), of('scenes/', 'footprint')],
  [of('package/', 'published'), of('package/', 'release')],
  // Every module in one model of the smallest, without running it, and in its own file against the reference.
  [of('registry/', 'registered_modules'), of('registry/', 'every_model every_combination')],
  [of('', 'registry/registered_modules backbones/resnet'), of('backbones/', 'resnet_forms')],
  // The small ones of every family.
  [
    of(
      'backbones/',
      'lowformer cpubone convnext efficientvit fastvit fat mobileone pvt resnet poolformer swin timm_backbone twins',
    ),
    of('backbones/', 'large_variants'),
  ],
  [of('registry/', 'type_names'), of('registry/', 'third_party')],
  [of('scoring/', 'metrics'), of('scoring/', 'third_party')],
  [of('decoding/', 'segmentation_decoder'), of('decoding/', 'segmentation')],
  // Every operation in the engine, and a network.
  [of('engines/tfjs/', 'kernels engine detections'), of('engines/tfjs/', 'networks memory processes')],
  [of('engines/onnxruntime/', 'engine'), of('engines/onnxruntime/', 'kept_network processes')],
  [of('models/', 'load_model'), of('models/', 'kept_network model_engine')],
  // Held to mmdet's own numbers.
  [of('models/', 'tta_mmdet'), of('models/', 'tta')],
  [of('models/', 'old_configs'), of('models/', 'old_models')],
  [of('training/start/', 'starting_weights'), of('training/start/', 'fresh_weights')],
  [of('engines/openvino/', 'library'), of('tools/commands/', 'engine_openvino')],
  [of('engines/auto/', 'choose'), of('', 'tools/commands/engine_auto models/auto_engine')],
  // Gradients of every operation, and the losses of every head; whole networks against PyTorch are slow.
  [
    of('', 'graph/gradients/rules heads/dense_losses'),
    of('', 'graph/gradients/semantic_fpn tasks/build_losses heads/dense_loss_gradients'),
  ],
  [of('', 'models/sliding decoding/joined_labels'), of('', 'tasks/sliding_logits tools/commands/segment_large')],
  [of('geometry/', 'windows box_merging'), of('', 'models/slices tools/commands/detect_slices')],
  [of('tools/commands/', 'serve'), of('', 'tools/commands/serve_processes tools/commands/serve_tls')],
  [of('', 'tools/commands/serve service/service'), of('service/', 'page listening malformed')],
  [of('queue/', 'guard shard_book run_record'), of('tools/commands/', 'worker')],
  [of('models/', 'fetch_checkpoint'), of('weights/download/', 'download')],
  [of('images/', 'tiff'), of('images/', 'tiff_damaged')],
  [of('models/', 'predict_many'), of('models/', 'decoding_ahead')],
  [of('tasks/', 'parted_runner'), of('models/', 'box_tower')],
  [of('tools/', 'json_output'), of('tools/', 'json_memory')],
  [of('', 'skipped_reporter'), of('', 'skipped_run')],
  [of('files/', 'atomic_write'), of('files/', 'interruption')],
  [of('graph/', 'operations'), of('graph/onnx/', 'precision float16')],
  [of('heads/', 'dense_heads'), of('heads/', 'torchvision_retinanet dense_heads_r18')],
  [of('heads/', 'fpn_head'), of('heads/', 'fpn_head_more')],
  [of('tasks/', 'rows_runner'), of('models/', 'top_candidates')],
  [of('weights/', 'fitting_size'), of('weights/', 'every_size')],
  [of('models/', 'checkpoint_form'), of('weights/', 'timm_names foreign')],
  [
    of('', 'training/loop/train_loop tools/commands/main_paths'),
    of('training/', 'loop/left_anywhere network/training_network network/six_steps train killed'),
  ],
  [of('models/config/', 'file python/refusals'), of('models/config/', 'bounds')],
  [of('video/', 'source matroska ppm_frames'), of('', 'video/frames tools/commands/clips')],
  // One call of each command.
  [of('tools/commands/', 'main_paths'), of('', 'graph/quantization/quantize_network')],
  [
    of('tools/commands/', 'main_paths'),
    of('tools/commands/', 'analyse benchmark browse evaluate evaluate_journal evaluate_once gradients quantize train'),
  ],
  [of('tools/', 'checkpoint_key'), of('tools/', 'checkpoint_address')],
  [of('tools/', 'command_table lowformer'), of('tools/', 'resident_command')],
  [of('training/', 'loading/data'), of('training/', 'loading/loader')],
  // What a page runs, without a browser.
  [
    of('web/', 'config_source fetch_checkpoint worker_calls'),
    of(
      '',
      'tools/web/command tools/web/pictures tools/web/picture_files tools/web/measuring entry/web training/network/browser',
    ),
  ],
];

/** All that need what `npm run test:devices` installs. */
const DEVICES = /^test\/devices\/[^/]+\.test\.ts$/;

/** Slow files, from the root of the project, each with those that stand for it in `npm test`. */
export const SLOW: ReadonlyMap<string, readonly string[]> = new Map(
  INSTEAD.flatMap(([fast, slow]) => slow.map((file) => [file, fast] as const)),
);

/** @param file from the root of the project. */
export function isSlow(file: string): boolean {
  return SLOW.has(file) || DEVICES.test(file);
}
