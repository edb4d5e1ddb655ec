import { useEffect, useRef } from "react";

type Handler = () => void;

/** The handlers of each key; the last one that was added answers. */
const handlers = new Map<string, Handler[]>();

/** Handles a key, or two in a row such as `g e`, while the component is shown and `on` is true. */
export function useShortcut(keys: string, handler: Handler, on = true): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    if (!on) return;
    const call = (): void => latest.current();
    const stack = handlers.get(keys) ?? [];
    handlers.set(keys, [...stack, call]);
    return () => {
      handlers.set(
        keys,
        (handlers.get(keys) ?? []).filter((one) => one !== call),
      );
    };
  }, [keys, on]);
}

let pending = "";

/** Calls the handler of a pressed key, unless the key belongs to a field, a dialog or the browser. */
export function onShortcut(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target as Element | null;
  if (target?.closest("input, textarea, select, [contenteditable], dialog[open]") != null) return;
  const keys = pending === "" ? event.key : `${pending} ${event.key}`;
  pending = pending === "" && event.key === "g" ? "g" : "";
  const handler = handlers.get(keys)?.at(-1);
  if (handler === undefined) return;
  event.preventDefault();
  handler();
}
