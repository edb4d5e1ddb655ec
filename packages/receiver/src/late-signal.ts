/** An abort signal that is created when it is first read: most handlers never read theirs. */
export interface LateSignal {
  signal(): AbortSignal;
  abort(reason: Error): void;
}

export function createLateSignal(): LateSignal {
  let controller: AbortController | null = null;
  let aborted: Error | null = null;
  return {
    signal() {
      if (controller === null) {
        controller = new AbortController();
        if (aborted !== null) controller.abort(aborted);
      }
      return controller.signal;
    },
    abort(reason) {
      aborted ??= reason;
      controller?.abort(reason);
    },
  };
}
