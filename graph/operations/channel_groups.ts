/**
 * Channels that stand together: the scores of one anchor, its four numbers. Group `i` of `size` channels is those from
 * `i * size` on, as the maps of dense heads have them.
 */
import { first, invalid, mapShape, type NoAttributes, type Operation } from './operation.js';

/** A map of other channels and the same size. */
function channels<Attributes>(count: (channels: number, attributes: Attributes) => number): Operation<Attributes> {
  return {
    inputs: 1,
    result: (inputs, attributes) => {
      const { kind, channels: given } = first(inputs);
      if (kind !== 'map') throw invalid('a feature map [N, C, H, W]', kind);
      return { kind, channels: count(given, attributes) };
    },
    shape: (inputs, attributes) => {
      const [n, c, h, w] = mapShape(first(inputs));
      return [n, count(c, attributes), h, w];
    },
  };
}

function groupsOf(channels: number, size: number): number {
  if (channels % size !== 0) throw invalid(`channels in groups of ${size}`, channels);
  return channels / size;
}

export interface OneHotAttributes {
  readonly classes: number;
  /** What stands for each class in the place of 1. */
  readonly values?: readonly number[];
}
/**
 * Class indices to a channel a class: 1 in that of the index, 0 in the others, and 0 in all where the index is of no
 * class (background, an ignored pixel). [N, G, H, W] -> [N, G * classes, H, W]. Nothing flows back through it.
 */
export const oneHot = channels<OneHotAttributes>((groups, { classes, values = [] }) => {
  if (values.length !== 0 && values.length !== classes) throw invalid(`${classes} values`, values.length);
  return groups * classes;
});

export interface GroupSizeAttributes {
  /** Channels of a group. */
  readonly size: number;
}
/** The sum of the channels of each group: [N, G * size, H, W] -> [N, G, H, W]. */
export const sumChannelGroups = channels<GroupSizeAttributes>((count, { size }) => groupsOf(count, size));

export interface RepeatAttributes {
  readonly times: number;
}
/** Each channel several times, one after the other: [N, C, H, W] -> [N, C * times, H, W]. */
export const repeatChannels = channels<RepeatAttributes>((count, { times }) => count * times);

export interface ChannelOfGroupsAttributes extends GroupSizeAttributes {
  /** Which of a group's channels. */
  readonly index: number;
}
/** One channel of each group: [N, G * size, H, W] -> [N, G, H, W]. */
export const channelOfGroups = channels<ChannelOfGroupsAttributes>((count, { size, index }) => {
  if (index < 0 || index >= size) throw invalid(`a channel of ${size}`, index);
  return groupsOf(count, size);
});

/** The other way: each channel as one of a group whose others are 0. [N, G, H, W] -> [N, G * size, H, W]. */
export const placeInGroups = channels<ChannelOfGroupsAttributes>((count, { size, index }) => {
  if (index < 0 || index >= size) throw invalid(`a channel of ${size}`, index);
  return count * size;
});

export interface LogSoftmaxAttributes {
  /** In how many groups the channels stand. */
  readonly groups: number;
}
/** The logarithm of softmax over the channels of each group (torch.nn.LogSoftmax). */
export const logSoftmax = channels<LogSoftmaxAttributes>((count, { groups }) => {
  if (count % groups !== 0) throw invalid(`channels in ${groups} groups`, count);
  return count;
});

/** The index of the largest channel, the first of equal ones: [N, C, H, W] -> [N, 1, H, W]. Nothing flows back. */
export const argmaxChannels = channels<NoAttributes>(() => 1);
