/** An entry among its neighbours in the order of use: a ring, so that none of them is missing. */
interface Entry<K, V> {
  readonly key: K;
  value: V;
  older: Entry<K, V>;
  newer: Entry<K, V>;
}

/**
 * A map of at most `most` entries; when there would be more, the one that was not used for longest is dropped. The order
 * of use is kept in links and not in the map's own order, which each use would have to take out and put in again.
 */
export class LruMap<K, V> {
  readonly #entries = new Map<K, Entry<K, V>>();
  readonly #most: number;
  #newest: Entry<K, V> | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry && entry !== this.#newest) {
      unlink(entry);
      this.#link(entry);
    }
    return entry?.value;
  }

  set(key: K, value: V): void {
    this.delete(key);
    const entry = { key, value } as Entry<K, V>;
    this.#entries.set(key, entry);
    this.#link(entry);
    if (this.#entries.size > this.#most) this.delete(entry.newer.key);
  }

  delete(key: K): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    if (entry === this.#newest) this.#newest = entry.older === entry ? undefined : entry.older;
    unlink(entry);
  }

  clear(): void {
    this.#entries.clear();
    this.#newest = undefined;
  }

  /** Makes an entry the newest: between the one that was, and the oldest. */
  #link(entry: Entry<K, V>): void {
    const older = this.#newest ?? entry;
    entry.older = older;
    entry.newer = this.#newest?.newer ?? entry;
    entry.newer.older = entry;
    older.newer = entry;
    this.#newest = entry;
  }
}

function unlink<K, V>({ older, newer }: Entry<K, V>): void {
  older.newer = newer;
  newer.older = older;
}
