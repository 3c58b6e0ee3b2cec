/**
 * Joins the look-ups that one turn of the event loop asks for into one call of `load`.
 *
 * Entities are resolved one reference at a time; with this a list of them costs one query. Nothing is
 * remembered beyond the call, so that a batch never answers with what was true before.
 *
 * Look-ups of different requests can meet in one call. One that makes it fail fails alone: the others are
 * loaded again, each by itself.
 */
export function createBatch<Key, Value>(
  load: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  let waiting: { keys: Set<Key>; loaded: Promise<Find<Key, Value>> } | null = null;

  return async (key) => {
    if (waiting === null) {
      const keys = new Set<Key>();
      const loaded = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        waiting = null;
        return loadTogether(load, [...keys]);
      });
      waiting = { keys, loaded };
    }
    waiting.keys.add(key);
    const find = await waiting.loaded;
    return find(key);
  };
}

type Find<Key, Value> = (key: Key) => Promise<Value | undefined>;

async function loadTogether<Key, Value>(
  load: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
  keys: readonly Key[],
): Promise<Find<Key, Value>> {
  try {
    const values = await load(keys);
    return async (key) => values.get(key);
  } catch (error) {
    if (keys.length === 1) throw error;
    const alone = new Map(keys.map((key) => [key, load([key])]));
    return async (key) => (await alone.get(key))?.get(key);
  }
}
