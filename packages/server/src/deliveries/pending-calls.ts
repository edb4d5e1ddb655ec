/** Questions to another thread that wait for their answers, by number. */
export class PendingCalls {
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #last = 0;

  /** `ask` sends the question with this number. Resolves with the answer to it. */
  make<Answer>(ask: (call: number) => void): Promise<Answer> {
    const call = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve: resolve as (value: unknown) => void, reject });
      ask(call);
    });
  }

  answered(call: number, value: unknown): void {
    this.#take(call).resolve(value);
  }

  failed(call: number, error: Error): void {
    this.#take(call).reject(error);
  }

  #take(call: number): { resolve(value: unknown): void; reject(error: Error): void } {
    const waiting = this.#waiting.get(call);
    if (waiting === undefined) throw new Error(`Nobody waits for an answer to call ${call}.`);
    this.#waiting.delete(call);
    return waiting;
  }
}
