/** Time after which nobody is taken to use the page, in milliseconds. */
const IDLE_MS = 60_000;

let touchedAt = Date.now();

/** Notes when somebody uses the page. Called once. */
export function watchTouches(): void {
  for (const event of ["pointerdown", "keydown", "wheel"])
    document.addEventListener(event, () => (touchedAt = Date.now()), { passive: true });
}

/** Whether the page makes its requests by itself: they do not prolong the session. */
export const isUntouched = (): boolean => Date.now() - touchedAt > IDLE_MS;
