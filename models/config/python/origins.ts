/** Where the values of a Python config come from: its bases, as far as these have them, else the file itself. */
import {
  type Config,
  type ConfigValue,
  childEntries,
  childValue,
  isConfigObject,
  type OriginNode,
  originsOf,
} from '../../../registry/config_tree.js';

/** @param id the file that inherits. */
export function originsOver(value: ConfigValue, bases: readonly Config[], id: string): OriginNode {
  const children = childEntries(value).map(([key, child]) => {
    const base = bases.findLast((config) => childValue(config.value, key) !== undefined);
    const [below, origins] = [childValue(base?.value, key), base?.origins.children.get(key)];
    return [
      key,
      below === undefined || origins === undefined ? originsOf(child, id) : over(child, below, origins, id),
    ] as const;
  });
  return { origin: id, children: new Map(children) };
}

function over(value: ConfigValue, base: ConfigValue, origins: OriginNode, id: string): OriginNode {
  if (!isConfigObject(value) || !isConfigObject(base)) {
    return JSON.stringify(value) === JSON.stringify(base) ? origins : originsOf(value, id);
  }
  const children = Object.entries(value).map(([key, child]) => {
    const [below, belowOrigins] = [childValue(base, key), origins.children.get(key)];
    const isNew = below === undefined || belowOrigins === undefined;
    return [key, isNew ? originsOf(child, id) : over(child, below, belowOrigins, id)] as const;
  });
  const isSame = children.every(([, child]) => child.origin !== id) && children.length === Object.keys(base).length;
  return { origin: isSame ? origins.origin : id, children: new Map(children) };
}
