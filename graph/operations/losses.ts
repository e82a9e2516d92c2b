/** Operations that losses are made of, beside those of networks: no network that predicts has them. */
import * as groups from './channel_groups.js';
import * as elementwise from './elementwise.js';
import type { NoAttributes, Operation } from './operation.js';
import * as reduction from './reduction.js';

export interface LossAttributes {
  log: NoAttributes;
  abs: NoAttributes;
  sign: NoAttributes;
  softplus: NoAttributes;
  shift: elementwise.ShiftAttributes;
  power: elementwise.PowerAttributes;
  clip: elementwise.BoundsAttributes;
  within: elementwise.BoundsAttributes;
  divide: NoAttributes;
  minimum: NoAttributes;
  maximum: NoAttributes;
  oneHot: groups.OneHotAttributes;
  sumChannelGroups: groups.GroupSizeAttributes;
  repeatChannels: groups.RepeatAttributes;
  channelOfGroups: groups.ChannelOfGroupsAttributes;
  placeInGroups: groups.ChannelOfGroupsAttributes;
  logSoftmax: groups.LogSoftmaxAttributes;
  argmaxChannels: NoAttributes;
  sum: NoAttributes;
  sumOfPictures: NoAttributes;
  countElements: NoAttributes;
  expandLike: NoAttributes;
}
export type LossName = keyof LossAttributes;

export const lossOperations: { readonly [Name in LossName]: Operation<LossAttributes[Name]> } = {
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
