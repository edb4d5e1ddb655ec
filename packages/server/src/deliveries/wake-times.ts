/** Endpoints and the time until which each is paused, Unix milliseconds. The earliest time is known at once. */
export class WakeTimes {
  readonly #times = new Map<string, number>();
  /** A heap ordered by time. An entry that no longer matches the map stays in it until it comes to the top. */
  #heap: { id: string; at: number }[] = [];

  get size(): number {
    return this.#times.size;
  }

  has(id: string): boolean {
    return this.#times.has(id);
  }

  set(id: string, at: number): void {
    if (this.#times.get(id) === at) return;
    this.#times.set(id, at);
    this.#push({ id, at });
    // Entries that are set repeatedly must not accumulate.
    if (this.#heap.length > 64 && this.#heap.length > 2 * this.#times.size) this.#rebuild();
  }

  delete(id: string): void {
    this.#times.delete(id);
  }

  /** The earliest time; null when there are no entries. */
  next(): number | null {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#times.get(first.id) === first.at) return first.at;
      this.#pop();
    }
    return null;
  }

  /** Takes out an endpoint whose time has come; null when there is none. */
  take(now: number): string | null {
    const next = this.next();
    if (next === null || next > now) return null;
    const { id } = this.#pop();
    this.#times.delete(id);
    return id;
  }

  #rebuild(): void {
    this.#heap = [];
    for (const [id, at] of this.#times) this.#push({ id, at });
  }

  #push(entry: { id: string; at: number }): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as typeof entry;
      if (parent.at <= entry.at) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): { id: string; at: number } {
    const heap = this.#heap;
    const first = heap[0] as { id: string; at: number };
    const last = heap.pop() as typeof first;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const below = right < heap.length && (heap[right] as typeof first).at < (heap[left] as typeof first).at ? right : left;
      const child = heap[below] as typeof first;
      if (child.at >= last.at) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}
