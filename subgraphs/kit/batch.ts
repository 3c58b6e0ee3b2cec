/**
 * Joins the look-ups that one turn of the event loop asks for into one call of `load`.
 *
 * Entities are resolved one reference at a time; with this a list of them costs one query. Nothing is
 * remembered beyond the call, so that a batch never answers with what was true before.
 */
export function createBatch<Key, Value>(
  load: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  let waiting: { keys: Set<Key>; result: Promise<ReadonlyMap<Key, Value>> } | null = null;

  return async (key) => {
    if (waiting === null) {
      const keys = new Set<Key>();
      const result = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        waiting = null;
        return load([...keys]);
      });
      waiting = { keys, result };
    }
    waiting.keys.add(key);
    const values = await waiting.result;
    return values.get(key);
  };
}
