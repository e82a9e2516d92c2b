/** Holds one network and runs it on pictures, so that the page stays responsive. */
import type { RgbImage } from '../../../core/frame.js';
import { createWebEngine } from '../../../engines/onnxruntime_web/engine.js';
import { countParameters } from '../../../graph/count.js';
import { predictionParts } from '../../../models/opened_config.js';
import { createPredictor, type Predict, type StageTiming } from '../../../tasks/predictor.js';
import { openPageModel } from '../model/open_model.js';
import { RUNTIME_FILES } from '../runtime/runtime_files.js';
import { answerCalls } from '../runtime/worker_answers.js';
import type { LoadedDescription, PredictionAnswer, PredictionRequest } from './protocol.js';

let predict: Predict | undefined;

answerCalls<PredictionRequest, PredictionAnswer>(async (request) => {
  switch (request.kind) {
    case 'load':
      return { answer: { kind: 'loaded', model: await load(request) } };
    case 'predict':
      return { answer: await predictOne(request.image) };
  }
});

async function load({
  config,
  checkpoint,
  device,
  threads,
}: Extract<PredictionRequest, { kind: 'load' }>): Promise<LoadedDescription> {
  const start = performance.now();
  const { opened, file, report } = await openPageModel(config, checkpoint);
  const runner = await createWebEngine(file, { device, threads, files: RUNTIME_FILES });
  const { model, metaInfo } = opened;
  predict = createPredictor({ model, runner, ...predictionParts(opened) });
  return {
    task: model.task,
    type: model.type,
    backbone: backboneType(opened.config.value),
    classes: metaInfo?.classes ?? [],
    palette: metaInfo?.palette ?? [],
    parameters: countParameters(model.wholeGraph),
    report,
    milliseconds: performance.now() - start,
  };
}

/** Checked by then: the network was built from it. */
function backboneType({ model }: { readonly model?: unknown }): string {
  const part = (tree: unknown, key: string): unknown =>
    typeof tree === 'object' && tree !== null ? new Map(Object.entries(tree)).get(key) : undefined;
  const backbone = part(model, 'backbone');
  const [type, arch] = [part(backbone, 'type'), part(backbone, 'arch')];
  return [type, arch].filter((text) => typeof text === 'string').join(' ');
}

async function predictOne(image: RgbImage): Promise<PredictionAnswer> {
  if (predict === undefined) throw new Error('no network is loaded');
  let timing: StageTiming = { pictures: 1, prepare: 0, network: 0, decode: 0 };
  const [result] = await predict([image], {
    onTiming: (told) => {
      timing = told;
    },
  });
  if (result === undefined) throw new RangeError('no result');
  return { kind: 'predicted', result, timing };
}
