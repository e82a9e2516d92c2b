/**
 * OpenMMLab's wrapper of timm (mmpretrain's and mmseg's TIMMBackbone): timm's networks by timm's names, with the parameter
 * names of its `features_only`.
 */
import { z } from 'zod';
import { LowformerError, nearestName } from '../core/errors.js';
import { defineBackbone } from '../registry/define.js';
import type { Pyramid } from '../registry/feature.js';
import { TIMM_MODELS, type TimmModel } from './timm_models.js';

const schema = z.strictObject({
  model_name: z.string().describe('timm’s'),
  features_only: z.literal(true, { error: 'expected true: features are all that goes out here' }).default(true),
  in_channels: z.literal(3, { error: 'expected 3: no other form is here' }).default(3),
  output_stride: z.literal(32, { error: 'expected 32: no other form is here' }).default(32),
  out_indices: z
    .array(z.int().min(0).max(4))
    .min(1)
    .readonly()
    .optional()
    .describe('as timm counts: where its first feature is the stem’s, of stride 2, stride 4 is 1; all when absent'),
});

export const timmBackbone = defineBackbone({
  type: 'TIMMBackbone',
  schema,
  trainingKeys: [
    'init_cfg',
    'pretrained',
    'checkpoint_path',
    'drop_rate',
    'drop_path_rate',
    'frozen_stages',
    'norm_eval',
  ],
  checkpoint: {
    // timm's own files, and those of the networks before they are taken apart.
    names: [
      { pattern: /^(?!timm_model\.)/, replacement: 'timm_model.' },
      { pattern: /^timm_model\.stages\.(\d)\./, replacement: 'timm_model.stages_$1.' },
      { pattern: /^timm_model\.stem\.(\d|in_conv|res\d)\./, replacement: 'timm_model.stem_$1.' },
    ],
  },

  /** [N, 3, H, W] -> timm's features [N, C_i, H/s_i, W/s_i], finest first (those that `out_indices` names). */
  build(g, input, { model_name, out_indices }) {
    // A tag behind the name, as in `resnet50.tv_in1k`, says which weights are meant.
    const model = TIMM_MODELS.get(model_name.replace(/\..*$/, ''));
    if (model === undefined) throw unknownModel(model_name);
    return picked(model, model.features(g.scope('timm_model'), input), out_indices);
  },
});

function unknownModel(received: string): LowformerError {
  const names = [...TIMM_MODELS.keys()];
  const near = nearestName(received, names);
  return new LowformerError({
    code: 'invalid-config',
    where: 'TIMMBackbone.model_name',
    expected: `one of timm's models that are here (${names.join(', ')})`,
    received,
    ...(near === undefined ? {} : { hint: `Did you mean '${near}'?` }),
  });
}

function picked({ first, whole }: TimmModel, features: Pyramid, given: readonly number[] | undefined): Pyramid {
  const last = first + features.length - 1;
  const indices = given ?? Array.from({ length: last + 1 }, (_, i) => i);
  if (indices.some((index) => index < first || index > last)) {
    throw mismatch('out_indices', `features ${first} to ${last}, which are here of those that timm has`, indices);
  }
  if (whole && !indices.includes(last)) {
    throw mismatch('out_indices', `${last} among them: timm leaves out what no feature needs`, indices);
  }
  const [finest, ...coarser] = features.filter((_, i) => indices.includes(first + i));
  return finest === undefined ? features : [finest, ...coarser];
}

function mismatch(key: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-config', where: `TIMMBackbone.${key}`, expected, received });
}
