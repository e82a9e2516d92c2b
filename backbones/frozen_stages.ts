/** What OpenMMLab's `frozen_stages` stops from learning, by the names of a backbone's modules. */

/** Modules of the stem, and of the stages, which are counted from 1: named as parameters are, without `backbone.`. */
export interface StageModules {
  readonly stem: readonly string[];
  stage(number: number): readonly string[];
}

const NUMBERED: StageModules = { stem: ['input_stem'], stage: (number) => [`stages.${number - 1}`] };
const RESNET: StageModules = { stem: ['conv1', 'bn1', 'stem'], stage: (number) => [`layer${number}`] };
const SWIN: StageModules = {
  stem: ['patch_embed'],
  stage: (number) => [`stages.${number - 1}`, `norm${number - 1}`],
};

/** By a backbone's type. One that is not here has no stages that can be frozen. */
export const STAGE_MODULES: ReadonlyMap<string, StageModules> = new Map([
  ['LowFormer', NUMBERED],
  ['CPUBone', NUMBERED],
  ['ResNet', RESNET],
  ['ResNetV1c', RESNET],
  ['ResNetV1d', RESNET],
  ['ResNeXt', RESNET],
  ['RegNet', RESNET],
  ['SwinTransformer', SWIN],
]);

/** Backbones whose batch norms mmdet leaves as they are where a config does not say `norm_eval: false`; mmseg does not. */
export const EVALUATES_NORMS: ReadonlySet<string> = new Set(
  [...STAGE_MODULES].flatMap(([type, modules]) => (modules === RESNET ? [type] : [])),
);
