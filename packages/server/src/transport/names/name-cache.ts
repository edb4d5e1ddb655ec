/** The result of a look-up: a value, or its error. */
export type Kept<Value> = { value: Value } | { error: Error };

/** Keeps a limited number of look-up results, each for its own time. */
export class NameCache<Value> {
  private readonly capacity: number;
  private readonly entries = new Map<string, { kept: Kept<Value>; until: number }>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.entries.size;
  }

  /** The stored result for a name at `now`, or null. */
  get(name: string, now: number): Kept<Value> | null {
    const entry = this.entries.get(name);
    if (entry === undefined) return null;
    if (entry.until > now) return entry.kept;
    this.entries.delete(name);
    return null;
  }

  /** Keeps a result until `until`. If the cache is full, the oldest entry is dropped. */
  set(name: string, kept: Kept<Value>, until: number): void {
    this.entries.delete(name);
    if (this.entries.size >= this.capacity) {
      const oldest = this.entries.keys().next();
      if (oldest.done !== true) this.entries.delete(oldest.value);
    }
    this.entries.set(name, { kept, until });
  }

  clear(): void {
    this.entries.clear();
  }
}
