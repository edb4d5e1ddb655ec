/**
 * The numbers of events by their ids. Most are looked up one after another, in the order in which they were added, or
 * not at all. That does not need a table, for which V8 would add every id to its own table of names.
 */
export class InsertedEvents {
  readonly #ids: string[] = [];
  readonly #numbers: number[] = [];
  /** Where the last one was found. */
  #at = 0;
  #byId: Map<string, number> | null = null;

  add(id: string, n: number): void {
    this.#ids.push(id);
    this.#numbers.push(n);
    this.#byId?.set(id, n);
  }

  numberOf(id: string): number | undefined {
    if (this.#ids[this.#at] === id) return this.#numbers[this.#at];
    if (this.#ids[this.#at + 1] === id) return this.#numbers[++this.#at];
    this.#byId ??= new Map(this.#ids.map((each, at) => [each, this.#numbers[at] as number]));
    return this.#byId.get(id);
  }
}
