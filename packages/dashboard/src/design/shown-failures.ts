import { useEffect } from "react";

/** How often the page currently shows each failure. */
const shown = new Map<Error, number>();
const listeners = new Set<() => void>();

/** Records that a failure is shown, as long as the component that shows it is on the page. */
export function useShownFailure(error: Error): void {
  useEffect(() => {
    count(error, 1);
    return () => count(error, -1);
  }, [error]);
}

/** Whether the page shows a failure. */
export const isShownFailure = (error: Error): boolean => shown.has(error);

/** Calls `listener` when a failure is shown, and when it is no longer shown, until the returned function is called. */
export function onShownFailures(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function count(error: Error, by: number): void {
  const times = (shown.get(error) ?? 0) + by;
  if (times > 0) shown.set(error, times);
  else shown.delete(error);
  for (const listener of listeners) listener();
}
