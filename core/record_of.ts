/** A record with a value for each of these keys, and none besides. */
export function recordOf<Key extends string, Value>(
  entries: readonly (readonly [key: Key, value: Value])[],
): Readonly<Record<Key, Value>> {
  const record: Partial<Record<Key, Value>> = {};
  for (const [key, value] of entries) record[key] = value;
  if (!hasAll(record, entries)) throw new Error('a key that was set is missing');
  return record;
}

function hasAll<Key extends string, Value>(
  record: Partial<Record<Key, Value>>,
  entries: readonly (readonly [key: Key, value: Value])[],
): record is Record<Key, Value> {
  return entries.every(([key]) => Object.hasOwn(record, key));
}
