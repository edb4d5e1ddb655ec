/**
 * Entries by key. It keeps at least the newest `most` and never more than twice as many. It drops a generation at a
 * time, because finding a Map's oldest entry steps over all entries deleted before it.
 */
export class NewestEntries<Value> {
  readonly #most: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: Value): void {
    this.#old.delete(key);
    this.#young.set(key, value);
    if (this.#young.size < this.#most) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  /** A copy of all entries, so that the original may change meanwhile. */
  entries(): [key: string, value: Value][] {
    return [...this.#old, ...this.#young];
  }
}
