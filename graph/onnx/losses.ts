import type { LossName } from '../operations/losses.js';
import { clip, within } from './bounds.js';
import {
  argmaxChannels,
  channelOfGroups,
  logSoftmax,
  oneHot,
  placeInGroups,
  repeatChannels,
  sumChannelGroups,
} from './channel_groups.js';
import { type OnnxKernel, oneNode } from './kernel.js';
import { countElements, expandLike, sumFrom } from './reduction.js';

/** What only losses need, in ONNX. */
export const lossKernels: { readonly [Name in LossName]: OnnxKernel<Name> } = {
  log: oneNode('Log'),
  abs: oneNode('Abs'),
  sign: oneNode('Sign'),
  softplus: oneNode('Softplus'),
  shift: ({ onnx, inputs: [x = ''], attributes: { by } }) => onnx.node('Add', [x, onnx.scalar(by)]),
  power: ({ onnx, inputs: [x = ''], attributes: { exponent } }) => onnx.node('Pow', [x, onnx.scalar(exponent)]),
  clip,
  within,
  divide: oneNode('Div'),
  minimum: oneNode('Min'),
  maximum: oneNode('Max'),
  oneHot,
  sumChannelGroups,
  repeatChannels,
  channelOfGroups,
  placeInGroups,
  logSoftmax,
  argmaxChannels,
  sum: sumFrom(0),
  sumOfPictures: sumFrom(1),
  countElements,
  expandLike,
};
