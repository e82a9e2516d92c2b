import type { LossName } from '../../../graph/operations/losses.js';
import type { TfjsKernel } from '../kernel.js';
import * as groups from './channel_groups.js';
import * as elementwise from './elementwise.js';
import * as reduction from './reduction.js';

/** What only losses need, in TensorFlow.js. */
export const lossKernels: { readonly [Name in LossName]: TfjsKernel<Name> } = {
  log: elementwise.log,
  abs: elementwise.abs,
  sign: elementwise.sign,
  softplus: elementwise.softplus,
  shift: elementwise.shift,
  power: elementwise.power,
  clip: elementwise.clip,
  within: elementwise.within,
  divide: elementwise.divide,
  minimum: elementwise.minimum,
  maximum: elementwise.maximum,
  oneHot: groups.oneHot,
  sumChannelGroups: groups.sumChannelGroups,
  repeatChannels: groups.repeatChannels,
  channelOfGroups: groups.channelOfGroups,
  placeInGroups: groups.placeInGroups,
  logSoftmax: groups.logSoftmax,
  argmaxChannels: groups.argmaxChannels,
  sum: reduction.sum,
  sumOfPictures: reduction.sumOfPictures,
  countElements: reduction.countElements,
  expandLike: reduction.expandLike,
};
