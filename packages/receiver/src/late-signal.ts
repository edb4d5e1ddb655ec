/** An abort signal that is created when it is first read: most handlers never read theirs. */
export class LateSignal {
  #controller: AbortController | null = null;
  #aborted: Error | null = null;

  signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#aborted !== null) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#aborted ??= reason;
    this.#controller?.abort(reason);
  }
}
